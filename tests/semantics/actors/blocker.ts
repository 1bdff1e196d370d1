import { remote } from '@heddle/actors';
import { blockAtGate, waitAtGate } from '../../support/gate.ts';

/** Stands at gates; its thread stands with it. */
export const Blocker = remote(
  import.meta,
  class Blocker {
    block(gate: SharedArrayBuffer, value?: unknown): unknown {
      blockAtGate(gate);
      return value;
    }

    /** Returns a promise, but is no async method. */
    wait(gate: SharedArrayBuffer, value?: unknown): Promise<unknown> {
      return waitAtGate(gate).then(() => value);
    }

    ready(): boolean {
      return true;
    }
  },
);

/** Waits at gates, many calls at a time. */
export const AsyncBlocker = remote(
  import.meta,
  class AsyncBlocker {
    async wait(gate: SharedArrayBuffer, value?: unknown): Promise<unknown> {
      await waitAtGate(gate);
      return value;
    }

    ready(): boolean {
      return true;
    }
  },
);

/** Is constructed only when the gate is open. */
export const SlowStarter = remote(
  import.meta,
  class SlowStarter {
    readonly #value: unknown;

    constructor(gate: SharedArrayBuffer, value: unknown) {
      blockAtGate(gate);
      this.#value = value;
    }

    value(): unknown {
      return this.#value;
    }
  },
);
