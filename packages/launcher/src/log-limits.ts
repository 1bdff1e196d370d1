/**
 * Keeps the logs of running jobs within their limits.
 *
 * Nobody stands between a job and its file, so once a second all limited logs are looked at, and once more at each
 * job's end; what was written beyond the limit in between is the overshoot, and the marker line says how much it was.
 *
 *   truncate   the first `bytes` bytes stay, then the marker; what comes later is dropped, second by second
 *   stop       nothing is dropped: the marker is appended, and the job is to end
 *
 * The job appends, so it goes on at whatever is the end after a cut.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Clock, Timer } from '@heddle/base';
import type { LogLimit } from './attempt.ts';
import { logLength } from './job-log.ts';

const PERIOD_MS = 1000;
/** A thousand lengths take about a millisecond; between slices others are served. */
const SLICE = 500;
const NEWLINE = 0x0a;

export interface LimitedLog {
  readonly attemptId: string;
  readonly file: string;
  readonly limit: LogLimit;
}

export interface LogLimitEffects {
  readonly clock: Clock;
  /** A log under the policy `stop` is too long; told once. */
  exceeded(log: LimitedLog): void;
  /** For people: a log that could not be cut. */
  readonly log: (message: string) => void;
}

interface Watched extends LimitedLog {
  /** How long the log may be: its limit, and after the first cut the marker too. */
  keptBytes: number;
  droppedBytes: number;
  isExceeded: boolean;
}

export class LogLimits {
  readonly #effects: LogLimitEffects;
  readonly #logs = new Map<string, Watched>();
  #timer: Timer | undefined;

  constructor(effects: LogLimitEffects) {
    this.#effects = effects;
  }

  /** Begins to look after a log whose job runs. */
  add(log: LimitedLog): void {
    this.#logs.set(log.attemptId, { ...log, keptBytes: log.limit.bytes, droppedBytes: 0, isExceeded: false });
    this.#timer ??= this.#effects.clock.every(PERIOD_MS, () => this.#lookAtAll(), { background: true });
  }

  /** The job is over: looks a last time. Gives what became of the log, or undefined for one without a limit. */
  finish(attemptId: string): { readonly logBytes: number; readonly isExceeded: boolean } | undefined {
    const log = this.#logs.get(attemptId);
    if (log === undefined) return undefined;
    this.#look(log);
    this.#logs.delete(attemptId);
    if (this.#logs.size === 0) this.#stop();
    return { logBytes: logLength(log.file), isExceeded: log.isExceeded };
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #lookAtAll(): void {
    const logs = [...this.#logs.values()];
    const lookAtSlice = (from: number): void => {
      for (const log of logs.slice(from, from + SLICE)) if (this.#logs.get(log.attemptId) === log) this.#look(log);
      if (from + SLICE < logs.length) setImmediate(() => lookAtSlice(from + SLICE));
    };
    lookAtSlice(0);
  }

  #look(log: Watched): void {
    try {
      const length = logLength(log.file);
      if (length <= log.keptBytes) return;
      if (log.limit.policy === 'truncate') cut(log);
      else if (!log.isExceeded) this.#exceeded(log, length);
    } catch (error) {
      this.#effects.log(`cannot keep the log "${log.file}" within its limit: ${(error as Error).message}`);
    }
  }

  #exceeded(log: Watched, length: number): void {
    log.isExceeded = true;
    append(log.file, `log limit of ${log.limit.bytes} bytes exceeded at ${length} bytes: the job is being stopped`);
    this.#effects.exceeded(log);
  }
}

/** Leaves the first bytes and a marker that says how much has been dropped so far. */
function cut(log: Watched): void {
  const fd = openSync(log.file, constants.O_RDWR | constants.O_APPEND | constants.O_NOCTTY);
  try {
    const { bytes } = log.limit;
    log.droppedBytes += fstatSync(fd).size - log.keptBytes;
    ftruncateSync(fd, bytes);
    const text = `log limit of ${bytes} bytes reached: ${log.droppedBytes} bytes after it were dropped`;
    const marker = toMarker(fd, bytes, text);
    writeSync(fd, marker);
    log.keptBytes = bytes + marker.length;
  } finally {
    closeSync(fd);
  }
}

function append(file: string, text: string): void {
  const fd = openSync(file, constants.O_RDWR | constants.O_APPEND | constants.O_NOCTTY);
  try {
    writeSync(fd, toMarker(fd, fstatSync(fd).size, text));
  } finally {
    closeSync(fd);
  }
}

/** A line of its own, whatever stands before it. */
function toMarker(fd: number, at: number, text: string): Buffer {
  const last = Buffer.alloc(1);
  const isAtLineStart = at === 0 || (readSync(fd, last, 0, 1, at - 1) === 1 && last[0] === NEWLINE);
  return Buffer.from(`${isAtLineStart ? '' : '\n'}[heddle] ${text}\n`);
}
