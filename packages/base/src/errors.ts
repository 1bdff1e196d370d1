/**
 * The base of every error that Heddle raises.
 *
 * Message grammar: *Cannot <action> <"value">: <fact>*, no full stop, a wrong value quoted. `code` is stable
 * and for programs; `retryable` is true only when the work certainly never began; `details` is plain data.
 * A subclass registers itself with `registerErrorClass`, so that it survives a thread or an HTTP hop as itself.
 */
export class HeddleError extends Error {
  override readonly name: string = 'HeddleError';
  readonly code: string = 'HEDDLE';
  readonly retryable: boolean = false;
  /** Plain data about the failure: crosses threads and HTTP as it is. */
  readonly details: Readonly<Record<string, unknown>> = {};
}

/** Says that a promise Heddle made itself was not kept: a bug of ours, never the user's. */
export function unreachable(value: never): never {
  throw new Error(`Cannot go on: unexpected ${JSON.stringify(value)}, a bug in Heddle`);
}
