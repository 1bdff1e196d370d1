/**
 * Runs a job's set-up command before its first attempt, once.
 *
 * The launcher runs it, as it runs the job: it survives the daemon, its end is known exactly, its output stands in
 * the job's log under a header of its own, and it is ended with its whole tree. It has an attempt id of its own, so
 * it is started at most once; where its end cannot be known any more, the job is not run on a guess.
 */
import type { Clock } from '@heddle/base';
import { type Exited, type KillReport, LaunchRefusedError, SpawnFailedError, type Started } from '@heddle/launcher';
import { toSetUpId } from './attempt-id.ts';
import type { JobRecord } from './job-record.ts';
import { type LaunchSettings, toLogFile, toMark, toSetUpRequest } from './launch-request.ts';
import { Limit } from './limit.ts';
import { quoteLastLines } from './log-reader.ts';
import type { AttemptLauncher, MarkedProcesses } from './machine.ts';
import { failureOfExit, QUOTED_CHARS, QUOTED_LINES } from './outcome.ts';
import { stopAttempt } from './stop-attempt.ts';
import type { Workspace } from './workspace.ts';

/** How long a set-up may take that does not say; Ray's limit too. */
export const SETUP_TIMEOUT_MS = 600_000;

/** It is done; or the job is to end first; or why it failed, and who was killed for that. */
export type SetUpResult = 'done' | 'ended' | { readonly problem: string; readonly report?: KillReport };

export interface SetUpEffects {
  readonly clock: Clock;
  readonly processes: MarkedProcesses;
  ageMs(started: Started): number;
}

/** Whether there is still something to set up. */
export const needsSetUp = (record: JobRecord): boolean =>
  record.runtimeEnv?.setup !== undefined && record.setUpAtMs === null;

export class SetUp {
  readonly #record: JobRecord;
  readonly #settings: LaunchSettings;
  readonly #effects: SetUpEffects;
  readonly attemptId: string;

  constructor(record: JobRecord, settings: LaunchSettings, effects: SetUpEffects) {
    this.#record = record;
    this.#settings = settings;
    this.#effects = effects;
    this.attemptId = toSetUpId(record.attemptId);
  }

  /** Starts it, or finds it again, and waits for its end or for `endAsked`. */
  async run(launcher: AttemptLauncher, workspace: Workspace, endAsked: Promise<unknown>): Promise<SetUpResult> {
    if ((await launcher.report(this.attemptId))?.isOrphaned) {
      const report = await this.#effects.processes.kill(this.#mark);
      return { problem: 'the launcher died while the setup command ran, so its end cannot be known', report };
    }
    try {
      const started = await launcher.launch(toSetUpRequest(this.#record, this.#settings, workspace));
      return await this.#watch(launcher, started, endAsked);
    } catch (error) {
      if (error instanceof LaunchRefusedError) return 'ended';
      if (error instanceof SpawnFailedError) return { problem: `setup command could not be started: ${error.message}` };
      throw error;
    }
  }

  /** The job is to end: the set-up never starts, or ends with its whole tree. Gives who was killed, if it ran. */
  async end(launcher: AttemptLauncher): Promise<KillReport | undefined> {
    const { phase, isOrphaned, stop } = await launcher.refuse(this.attemptId, this.#record.submissionId);
    if (phase !== 'claimed' && phase !== 'started') return stop?.report;
    return isOrphaned ? this.#effects.processes.kill(this.#mark) : stopAttempt(launcher, this.attemptId, this.#record);
  }

  async #watch(launcher: AttemptLauncher, started: Started, endAsked: Promise<unknown>): Promise<SetUpResult> {
    const timeoutMs = this.#record.runtimeEnv?.setupTimeoutMs ?? SETUP_TIMEOUT_MS;
    const end = launcher.exited(this.attemptId);
    end.catch(() => {}); // It may lose the race, and fail later.
    using limit = new Limit(this.#effects.clock, Math.max(0, timeoutMs - this.#effects.ageMs(started)));
    const ended = await Promise.race([end, limit.reached, endAsked.then(() => 'asked' as const)]);
    if (ended === 'asked') return 'ended';
    if (ended === 'limit') {
      const report = await stopAttempt(launcher, this.attemptId, this.#record);
      return this.#problem(`setup command took longer than its setupTimeoutMs of ${timeoutMs}`, started, report);
    }
    return isSuccess(ended) ? 'done' : this.#problem(failureOfExit('setup command', ended), started);
  }

  async #problem(fact: string, started: Started, report?: KillReport): Promise<SetUpResult> {
    const logFile = toLogFile(this.#settings.logDirectory, this.#record.submissionId);
    const output = await quoteLastLines(logFile, QUOTED_LINES, QUOTED_CHARS, started.logStartOffset);
    const problem = output === '' ? `${fact}. No logs available.` : `${fact}, its last output:\n${output}`;
    return report === undefined ? { problem } : { problem, report };
  }

  get #mark(): string {
    return toMark(this.#settings.identity, this.attemptId);
  }
}

const isSuccess = ({ code }: Exited): boolean => code === 0;
