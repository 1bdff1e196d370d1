/**
 * Where a library's log lines go. Heddle's packages never touch the console: they are handed a `Logger`,
 * and say nothing when they are not. The shape is pino's, so a pino instance is a `Logger` as it is.
 */
export interface Logger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: object): Logger;
}

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
