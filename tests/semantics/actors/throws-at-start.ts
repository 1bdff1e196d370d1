import { remote } from '@heddle/actors';

export const ThrowsAtStart = remote(
  import.meta,
  class ThrowsAtStart {
    constructor(message: string) {
      throw new RangeError(message);
    }

    value(): number {
      return 1;
    }
  },
);
