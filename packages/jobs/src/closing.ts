/** Whether a manager may still be asked for something. Whatever waits in it for an unknown time hangs from the signal. */
import { setMaxListeners } from 'node:events';
import { JobManagerClosedError } from './errors.ts';

export class Closing {
  readonly #controller = new AbortController();

  constructor() {
    setMaxListeners(0, this.signal); // Every tail that waits is one.
  }

  /** Aborts, with the error for whoever waits, when the manager is disposed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** @throws JobManagerClosedError */
  check(action: string): void {
    if (this.signal.aborted) throw new JobManagerClosedError(action);
  }

  begin(): void {
    this.#controller.abort(new JobManagerClosedError('go on'));
  }
}
