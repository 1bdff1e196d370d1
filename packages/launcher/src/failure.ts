/**
 * A failure inside the launcher's process, on its way to a client.
 *
 * The launcher loads `node:` modules only, so it does not know Heddle's error classes: it names the failure by
 * its code, and the client makes the error of that code (`errors.ts`).
 */
export type FailureCode =
  | 'LAUNCH_REFUSED'
  | 'SPAWN_FAILED'
  | 'LAUNCHER_GONE'
  | 'LAUNCHER_FULL'
  | 'ATTEMPT_UNKNOWN'
  | 'JOURNAL_DAMAGED'
  | 'JOURNAL_TOO_NEW'
  | 'LAUNCHER_FAILED';

/** A failure as data: crosses the socket, and the launcher's log when it could not start. */
export interface EncodedFailure {
  readonly code: FailureCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: FailureCode, message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.details = details;
  }
}

export function encodeFailure(thrown: unknown): EncodedFailure {
  if (thrown instanceof Failure) return { code: thrown.code, message: thrown.message, details: thrown.details };
  return { code: 'LAUNCHER_FAILED', message: messageOf(thrown), details: {} };
}

export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** The system's name of an error (`ENOENT`), if it has one. */
export function systemCodeOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
