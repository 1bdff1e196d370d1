import { exitActor, remote } from '@heddle/actors';
import { count, waitAtGate } from '../../support/gate.ts';

/** Closes up when it leaves in order. */
export const Shutter = remote(
  import.meta,
  class Shutter {
    readonly #tally: SharedArrayBuffer;
    readonly #gate: SharedArrayBuffer | undefined;
    readonly #throws: boolean;

    constructor(tally: SharedArrayBuffer, gate?: SharedArrayBuffer, throws = false) {
      this.#tally = tally;
      this.#gate = gate;
      this.#throws = throws;
    }

    async onShutdown(): Promise<void> {
      count(this.#tally, 0);
      if (this.#gate !== undefined) await waitAtGate(this.#gate);
      if (this.#throws) throw new Error('of the hook');
      count(this.#tally, 1);
    }

    async leave(): Promise<void> {
      exitActor();
    }

    async ready(): Promise<boolean> {
      return true;
    }
  },
);
