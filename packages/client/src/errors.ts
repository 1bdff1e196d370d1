/** The errors of the client. Each says what could not be done, to what, and why. */
import { HeddleError, registerErrorClass } from '@heddle/base';

/**
 * The server answered, and its answer is no. `code` is the server's own, stable, as `docs/errors.md` lists
 * them (`JOB_NOT_FOUND`, `JOB_ALREADY_EXISTS`, …); `retryable` is true only if nothing was done.
 */
export class RequestFailedError extends HeddleError {
  override readonly name = 'RequestFailedError';
  override readonly code: string;
  override readonly retryable: boolean;
  override readonly details: { readonly status: number };

  constructor(action: string, answer: { status: number; code: string; text: string; retryable: boolean }) {
    // A server that says for itself what it cannot do is not made to say it twice.
    const isWhole = answer.text.startsWith(`Cannot ${action}`);
    super(isWhole ? answer.text : `Cannot ${action}: ${answer.text}`);
    this.code = answer.code;
    this.retryable = answer.retryable;
    this.details = { status: answer.status };
  }
}

/** No server answered at this address. `retryable` is true where the request certainly never reached one. */
export class ServerUnreachableError extends HeddleError {
  override readonly name = 'ServerUnreachableError';
  override readonly code = 'SERVER_UNREACHABLE';
  override readonly retryable: boolean;
  override readonly details: { readonly address: string };

  constructor(action: string, address: string, options: { refused: boolean; fact: string; cause: unknown }) {
    super(`Cannot ${action}: no answer from ${address} (${options.fact})`, { cause: options.cause });
    this.retryable = options.refused;
    this.details = { address };
  }
}

for (const errorClass of [RequestFailedError, ServerUnreachableError]) registerErrorClass(errorClass);
