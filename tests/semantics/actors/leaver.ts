import { exitActor, remote } from '@heddle/actors';
import { count, waitAtGate } from '../../support/gate.ts';

/** Leaves of its own will. */
export const Leaver = remote(
  import.meta,
  class Leaver {
    leave(tally: SharedArrayBuffer): void {
      try {
        exitActor();
      } finally {
        count(tally, 0);
      }
      count(tally, 1);
    }

    /** Leaves in a callback of a promise, without `async`. */
    leaveLater(): Promise<void> {
      return Promise.resolve().then(() => exitActor());
    }

    work(): string {
      return 'worked';
    }
  },
);

/** The same, with calls that run at the same time. */
export const AsyncLeaver = remote(
  import.meta,
  class AsyncLeaver {
    async leave(): Promise<void> {
      await Promise.resolve();
      exitActor();
    }

    async wait(gate: SharedArrayBuffer, value: unknown): Promise<unknown> {
      await waitAtGate(gate);
      return value;
    }
  },
);

export const LeavesAtStart = remote(
  import.meta,
  class LeavesAtStart {
    constructor() {
      exitActor();
    }

    work(): string {
      return 'worked';
    }
  },
);
