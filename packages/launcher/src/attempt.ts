/**
 * One attempt at a job, as the launcher and its clients speak of it: plain data on both sides of the socket.
 *
 *                    1            3
 *   (launch) ──▶ claimed ──▶ started ──▶ exited
 *                    │ 2
 *   (refuse) ──▶ refused     failed
 *                            ▲ (2)
 *
 * 1. The claim is durable, the log has its header, and the process has been spawned. 2. The process could not
 * be spawned. 3. The launcher, its parent, was told by the kernel. No edge leaves `refused`, `failed` and
 * `exited`. An attempt that was `claimed` or `started` when its launcher died stays so for ever and is *orphaned*:
 * nobody can ever learn its exit code.
 */

/** What to run, whole: the launcher adds nothing of its own environment or directory. */
export interface LaunchRequest {
  /** Names this attempt for ever: an attempt is launched at most once, whatever is repeated. */
  readonly attemptId: string;
  readonly jobId: string;
  /** The exact command, never empty. A command for a shell is `['/bin/sh', '-c', command]`. */
  readonly argv: readonly string[];
  /** An existing directory, absolute. */
  readonly cwd: string;
  /** The whole environment, `HEDDLE_JOB_ID` and `HEDDLE_JOB_MARK` included. */
  readonly env: Readonly<Record<string, string>>;
  /** The value of `HEDDLE_JOB_MARK` in `env`. */
  readonly marker: string;
  /** Receives stdout and stderr, appended. Absolute; made if need be, readable by its owner alone. */
  readonly logFile: string;
  /** Written to the log before the spawn, once. */
  readonly logHeader: string;
  /** Missing: the log may grow as it likes. */
  readonly logLimit?: LogLimit;
  /** Missing: `marker`, which is what daemons had that did not say it. */
  readonly containment?: ContainmentChoice;
}

/** What all processes of an attempt are held together by: a control group, or the mark in their environment. */
export type Containment = 'cgroup' | 'marker';

/** `auto`: a control group where one can be made. `cgroup`: one, or the attempt is not started. */
export type ContainmentChoice = 'auto' | Containment;

/** How long a log may become, and what happens when it is longer. Looked at once a second. */
export interface LogLimit {
  readonly bytes: number;
  /** `truncate`: what comes after the limit is dropped. `stop`: the job is stopped. Either way a marker line says it. */
  readonly policy: 'truncate' | 'stop';
  /** How a job is stopped for it. */
  readonly stopSignal: string;
  readonly graceMs: number;
}

/** A process as the launcher started it. Its pid means something only with the rest of its identity. */
export interface Started {
  readonly pid: number;
  /** Clock ticks since the boot, as `/proc/<pid>/stat` says them; empty where there is no `/proc`. */
  readonly startTime: string;
  readonly startedAtMs: number;
  /** `/proc/sys/kernel/random/boot_id`; empty where there is no `/proc`. */
  readonly bootId: string;
  /** What `/proc/self/ns/pid` links to; empty where there is no `/proc`. */
  readonly pidNamespace: string;
  /** The log's length when the process got it: what follows is the process's own bytes. */
  readonly logStartOffset: number;
  /** The directory of the control group that it was born in. Missing: it has none of its own. */
  readonly controlGroup?: string;
}

/** A process's end. Exactly one of `code` and `signal` is not null. */
export interface Exited {
  readonly code: number | null;
  /** The name of the signal that ended the leader. */
  readonly signal: string | null;
  readonly endedAtMs: number;
  /** The log's length at the end of the leader, what stands before `logStartOffset` included. */
  readonly logBytes: number;
  /** The job was stopped because its log was too long. */
  readonly logLimitExceeded?: boolean;
}

/** What was signalled, and what lives in spite of it. */
export interface KillReport {
  /** In order. A negative pid is a process group. The first 50. */
  readonly signals: readonly { readonly pid: number; readonly signal: string }[];
  /** Pids that were still there at the deadline. */
  readonly survivors: readonly number[];
  /** By what they were found. Missing: nothing was looked for, or by a version that did not say it. */
  readonly containment?: Containment;
}

/** How a stop is going. */
export interface StopProgress {
  /** When a stop was first asked for; a later request joins it. */
  readonly requestedAtMs: number;
  readonly signal: string;
  readonly graceMs: number;
  /** There when the whole tree is gone, or the deadline has passed. */
  readonly report?: KillReport;
}

export type AttemptPhase = 'claimed' | 'refused' | 'failed' | 'started' | 'exited';

/** What the launcher knows of an attempt. */
export interface AttemptReport {
  readonly attemptId: string;
  readonly jobId: string;
  readonly phase: AttemptPhase;
  /** The launcher that claimed it died before the attempt was over: no exit will ever be known. */
  readonly isOrphaned?: boolean;
  readonly started?: Started;
  /** Why the process could not be started, for people. */
  readonly failure?: string;
  readonly exited?: Exited;
  readonly stop?: StopProgress;
  /** What was found alive after the leader's own end, and killed. */
  readonly leftovers?: KillReport;
}

/** Signals named in a report at most: a fork bomb's list must not fill the journal. */
export const SIGNALS_REPORTED_MAX = 50;

/** Nothing was signalled, nothing is left. */
export const NOTHING_KILLED: KillReport = { signals: [], survivors: [] };
