import { type ActorHandle, type ObjectRef, remote } from '@heddle/actors';

/** Notes what it is called with, in order. One call at a time. */
export const Recorder = remote(
  import.meta,
  class Recorder {
    readonly #notes: unknown[] = [];

    note(entry: unknown): unknown {
      this.#notes.push(entry);
      return entry;
    }

    notes(): unknown[] {
      return this.#notes;
    }
  },
);

/** The same, async: many calls at a time. */
export const AsyncRecorder = remote(
  import.meta,
  class AsyncRecorder {
    readonly #notes: unknown[] = [];

    async note(entry: unknown): Promise<unknown> {
      this.#notes.push(entry);
      return entry;
    }

    async notes(): Promise<unknown[]> {
      return this.#notes;
    }
  },
);

/** Calls another actor's `note` on request: one more caller. */
export const Caller = remote(
  import.meta,
  class Caller {
    readonly #recorder: ActorHandle<typeof Recorder>;
    #refs: ObjectRef[] = [];

    constructor(recorder: ActorHandle<typeof Recorder>) {
      this.#recorder = recorder;
    }

    /** Makes one call for each entry and does not wait. */
    note(entries: readonly unknown[]): void {
      for (const entry of entries) this.#refs.push(this.#recorder.note.remote(entry));
    }

    /** Calls with a ref to what `source` will answer, then makes one call for each entry; waits for nothing. */
    noteAnswerOf(
      source: { readonly wait: { remote(gate: SharedArrayBuffer, value: unknown): ObjectRef } },
      gate: SharedArrayBuffer,
      value: unknown,
      entries: readonly unknown[],
    ): void {
      this.#refs.push(this.#recorder.note.remote(source.wait.remote(gate, value)));
      this.note(entries);
    }

    /** Waits for all calls made so far. */
    async answers(): Promise<unknown[]> {
      return await Promise.all(this.#refs);
    }
  },
);
