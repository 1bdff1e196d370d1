import v8 from 'node:v8';
import vm from 'node:vm';
import { remote } from '@heddle/actors';

/** Tells what its thread's heap holds once all garbage is gone. */
export const Heap = remote(
  import.meta,
  class Heap {
    echo<T>(value: T): T {
      return value;
    }

    used(): number {
      v8.setFlagsFromString('--expose-gc');
      (vm.runInNewContext('gc') as () => void)();
      return process.memoryUsage().heapUsed;
    }
  },
);
