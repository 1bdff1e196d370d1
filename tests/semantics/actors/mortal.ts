import { getRuntimeContext, kill, remote } from '@heddle/actors';
import { blockAtGate, count, writeLog } from '../../support/gate.ts';

export type Death = 'uncaught exception' | 'unhandled rejection' | 'process.exit(0)' | 'process.exit(3)';

/** Dies in whatever way it is asked to, and leaves traces in shared memory of what it ran. */
export const Mortal = remote(
  import.meta,
  class Mortal {
    #calls = 0;

    call(): number {
      return ++this.#calls;
    }

    restarts(): number {
      return getRuntimeContext().restartCount;
    }

    exit(code: number): void {
      process.exit(code);
    }

    /** Counts the call as run; the one numbered `stopAt` then blocks the thread at the gate. */
    run(index: number, tally: SharedArrayBuffer, stopAt: number, gate: SharedArrayBuffer): number {
      count(tally, index);
      if (index === stopAt) blockAtGate(gate);
      return index;
    }

    /** Writes the call's number to the log; the one numbered `exitAt` ends the thread in its first life. */
    log(index: number, log: SharedArrayBuffer, exitAt: number): number {
      writeLog(log, index);
      if (index === exitAt && getRuntimeContext().restartCount === 0) process.exit(1);
      return index;
    }

    /** Returns first, and dies in a later turn. */
    dieLater(death: Death): void {
      setImmediate(() => {
        switch (death) {
          case 'uncaught exception':
            throw new Error('thrown outside a call');
          case 'unhandled rejection':
            void Promise.reject(new Error('rejected outside a call'));
            break;
          case 'process.exit(0)':
            process.exit(0);
            break;
          case 'process.exit(3)':
            process.exit(3);
        }
      });
    }

    /** Never answers. */
    hang(): Promise<never> {
      return new Promise(() => {});
    }

    async killThat(handle: object): Promise<void> {
      await kill(handle);
    }
  },
);

/** Dies when it is constructed, for as long as the tally says that this is not its last chance. */
export const DiesAtStart = remote(
  import.meta,
  class DiesAtStart {
    constructor(tally: SharedArrayBuffer, livesFrom: number) {
      count(tally, 0);
      if (new Int32Array(tally)[0]! < livesFrom) process.exit(1);
    }

    lives(): boolean {
      return true;
    }
  },
);
