import { remote } from '@heddle/actors';
import { waitAtGate } from '../../support/gate.ts';

/** Stops its thread for good, as an endless loop would, without using the processor. */
export function neverReturn(): never {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error('nobody wakes it');
}

/** Of the same module: a thread that has it has loaded what `Stuck` needs. */
export const Unstuck = remote(
  import.meta,
  class Unstuck {
    value(): number {
      return 1;
    }
  },
);

/** Its constructor never returns. */
export const Stuck = remote(
  import.meta,
  class Stuck {
    /** Arrives at the gate, if it is given one, and does not care whether that opens. */
    constructor(gate?: SharedArrayBuffer) {
      if (gate !== undefined) void waitAtGate(gate);
      neverReturn();
    }

    value(): number {
      return 1;
    }
  },
);
