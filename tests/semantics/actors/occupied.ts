import { getRuntimeContext, remote } from '@heddle/actors';
import { blockAtGate, count } from '../../support/gate.ts';

/** Never awaits: its thread takes no message while it runs. */
export const Occupied = remote(
  import.meta,
  class Occupied {
    block(gate: SharedArrayBuffer): string {
      blockAtGate(gate);
      return 'through';
    }

    throwAfter(gate: SharedArrayBuffer): never {
      blockAtGate(gate);
      throw new Error('its own');
    }

    count(tally: SharedArrayBuffer): void {
      count(tally, 0);
    }

    isAbortedAfter(gate: SharedArrayBuffer, tally: SharedArrayBuffer): void {
      blockAtGate(gate);
      if (getRuntimeContext().signal.aborted) count(tally, 0);
    }
  },
);

/** The same as a task. */
export const isAbortedAfter = remote(
  import.meta,
  function isAbortedAfter(gate: SharedArrayBuffer, tally: SharedArrayBuffer): string {
    blockAtGate(gate);
    if (getRuntimeContext().signal.aborted) count(tally, 0);
    return 'through';
  },
);
