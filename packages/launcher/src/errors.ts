/** What a client of the launcher can be told. Each error has a stable `code`; see `docs/errors.md`. */
import { HeddleError, registerErrorClass } from '@heddle/base';
import type { EncodedFailure } from './failure.ts';

/** What all errors of the launcher share: they carry data. */
abstract class LauncherError extends HeddleError {
  override readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.details = details;
  }
}

/** A launch of an attempt that was refused before. Nothing ran and nothing will. */
export class LaunchRefusedError extends LauncherError {
  override readonly name = 'LaunchRefusedError';
  override readonly code = 'LAUNCH_REFUSED';

  constructor(attemptId: string) {
    super(`Cannot launch attempt "${attemptId}": it was refused before it was claimed`, { attemptId });
  }
}

/** The process could not be started: no such command, no such directory, no process to be had. Nothing ran. */
export class SpawnFailedError extends LauncherError {
  override readonly name = 'SpawnFailedError';
  override readonly code = 'SPAWN_FAILED';
  override readonly retryable = true;

  /** `failure` is a whole message, as in the attempt's report. */
  constructor(attemptId: string, failure: string) {
    super(failure, { attemptId });
  }
}

/** The launcher died or the connection ended: what was asked for may or may not have happened. */
export class LauncherGoneError extends LauncherError {
  override readonly name = 'LauncherGoneError';
  override readonly code = 'LAUNCHER_GONE';
}

/** The launcher's disk takes no claim at present. Nothing ran; the same attempt may be launched later. */
export class LauncherFullError extends LauncherError {
  override readonly name = 'LauncherFullError';
  override readonly code = 'LAUNCHER_FULL';
  override readonly retryable = true;
}

/** The launcher knows nothing of this attempt: it was never claimed or refused, or it was settled. */
export class AttemptUnknownError extends LauncherError {
  override readonly name = 'AttemptUnknownError';
  override readonly code = 'ATTEMPT_UNKNOWN';
}

/** The launcher cannot do what it was asked, for a reason that its message gives. */
export class LauncherFailedError extends LauncherError {
  override readonly name = 'LauncherFailedError';
  override readonly code = 'LAUNCHER_FAILED';
}

/** The launcher's journal cannot be read, and it may hold exit codes: nothing is started in its place. */
export class JournalDamagedError extends LauncherError {
  override readonly name = 'JournalDamagedError';
  override readonly code = 'JOURNAL_DAMAGED';
}

/** The launcher's journal was written by a newer version of Heddle. */
export class JournalTooNewError extends LauncherError {
  override readonly name = 'JournalTooNewError';
  override readonly code = 'JOURNAL_TOO_NEW';
}

/** The launcher of this directory is suspended (SIGSTOP): it holds its lock, so no second one is started. */
export class LauncherStoppedError extends LauncherError {
  override readonly name = 'LauncherStoppedError';
  override readonly code = 'LAUNCHER_STOPPED';
  override readonly retryable = true;
  readonly pid: number;

  constructor(directory: string, pid: number) {
    const advice = `continue it with "kill -CONT ${pid}"`;
    super(`Cannot speak to the launcher of "${directory}": its process ${pid} is stopped; ${advice}`, {
      directory,
      pid,
    });
    this.pid = pid;
  }
}

/** A launcher holds its lock but does not answer, or none comes up. */
export class LauncherUnresponsiveError extends LauncherError {
  override readonly name = 'LauncherUnresponsiveError';
  override readonly code = 'LAUNCHER_UNRESPONSIVE';
  override readonly retryable = true;

  constructor(directory: string, holderPid: number | undefined, waitedMs: number) {
    const who = holderPid === undefined ? 'none has come up' : `its process ${holderPid} has not answered`;
    super(`Cannot speak to the launcher of "${directory}": ${who} in ${waitedMs} ms`, { directory, pid: holderPid });
  }
}

/** The living launcher has no protocol in common with this version. It goes on with its jobs. */
export class LauncherProtocolError extends LauncherError {
  override readonly name = 'LauncherProtocolError';
  override readonly code = 'LAUNCHER_PROTOCOL';

  /** Each range is from the oldest protocol to the newest. */
  constructor(pid: number, theirs: readonly [number, number], ours: readonly [number, number]) {
    const facts = `it speaks protocols ${theirs.join(' to ')}, this version ${ours.join(' to ')}`;
    super(`Cannot speak to launcher ${pid}: ${facts}`, { pid, theirs, ours });
  }
}

/** The launcher's process could not be started, or ended before it could be spoken to. */
export class LauncherStartError extends LauncherError {
  override readonly name = 'LauncherStartError';
  override readonly code = 'LAUNCHER_START';

  constructor(directory: string, reason: string, options?: ErrorOptions) {
    super(`Cannot start a launcher for "${directory}": ${reason}`, { directory }, options);
  }
}

/** A lock is held by another process, or by this one already. */
export class LockedError extends LauncherError {
  override readonly name = 'LockedError';
  override readonly code = 'LOCKED';
  override readonly retryable = true;
  /** Who holds it, where that can be told. */
  readonly holderPid: number | undefined;

  constructor(file: string, holderPid: number | undefined) {
    const who = holderPid === undefined ? 'another process' : `process ${holderPid}`;
    super(`Cannot lock "${file}": it is held by ${who}`, { file, holderPid });
    this.holderPid = holderPid;
  }
}

for (const errorClass of [
  LaunchRefusedError,
  SpawnFailedError,
  LauncherGoneError,
  LauncherFullError,
  AttemptUnknownError,
  LauncherFailedError,
  JournalDamagedError,
  JournalTooNewError,
  LauncherStoppedError,
  LauncherUnresponsiveError,
  LauncherProtocolError,
  LauncherStartError,
  LockedError,
])
  registerErrorClass(errorClass);

/** The error of a failure that the launcher has told. A newer launcher's unknown code is a plain failure. */
export function toError({ code, message, details }: EncodedFailure): HeddleError {
  switch (code) {
    case 'LAUNCH_REFUSED':
      return new LaunchRefusedError(String(details.attemptId));
    case 'SPAWN_FAILED':
      return new SpawnFailedError(String(details.attemptId), message);
    case 'LAUNCHER_GONE':
      return new LauncherGoneError(message, details);
    case 'LAUNCHER_FULL':
      return new LauncherFullError(message, details);
    case 'ATTEMPT_UNKNOWN':
      return new AttemptUnknownError(message, details);
    case 'JOURNAL_DAMAGED':
      return new JournalDamagedError(message, details);
    case 'JOURNAL_TOO_NEW':
      return new JournalTooNewError(message, details);
    default:
      return new LauncherFailedError(message, details);
  }
}
