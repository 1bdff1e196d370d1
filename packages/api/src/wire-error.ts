/**
 * A request that cannot be served, as the client is to see it: an HTTP status and one short text.
 *
 * Ray's clients show the text of anything that is not exactly 200. Heddle's own read the stable code from
 * the `heddle-error-code` header and decide by that.
 */
import { HeddleError, registerErrorClass } from '@heddle/base';

/** Names the error of an answer that is not 200, for programs. */
export const ERROR_CODE_HEADER = 'heddle-error-code';
/** Says "true" when the work certainly never began. */
export const ERROR_RETRYABLE_HEADER = 'heddle-error-retryable';

export type WireStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 503;

/** `code` is the stable name; `retryable` is true only when the work certainly never began. */
export class WireError extends HeddleError {
  override readonly name = 'WireError';
  override readonly code: string;
  override readonly retryable: boolean;
  readonly status: WireStatus;

  constructor(status: WireStatus, code: string, text: string, options: ErrorOptions & { retryable?: boolean } = {}) {
    super(text, options);
    this.status = status;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }

  /** What the client shows. */
  get text(): string {
    return this.message;
  }
}
registerErrorClass(WireError);

export const badRequest = (text: string): WireError => new WireError(400, 'BAD_REQUEST', text);
