import { getRuntimeContext, remote } from 'heddle';

/** Reads a stored array in a thread that is not the driver's. */
export const Holder = remote(
  import.meta,
  class Holder {
    /** Its first and last element: they say that all of it is there. */
    ends(array: Float64Array): [number, number] {
      return [array[0]!, array[array.length - 1]!];
    }

    worker(): string {
      return getRuntimeContext().workerId;
    }
  },
);
