/** The daemon's own log: one JSON object a line, on standard error. The only place that knows pino. */
import type { Logger } from '@heddle/base';
import { destination, pino } from 'pino';
import type { LogLevel } from './log-level.ts';

const STDERR = 2;

export function createLogger(level: LogLevel): Logger {
  // Written at once: the last lines before a death are the ones that matter.
  const stream = destination({ fd: STDERR, sync: true });
  stream.on('error', () => {}); // Whoever read the log is gone. The daemon goes on.
  return pino({ level, base: { pid: process.pid } }, stream);
}
