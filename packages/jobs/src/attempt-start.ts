/**
 * The way to an attempt's process: where it starts, its job's set-up, the launch. Every step may be found half done, by
 * an earlier turn or supervisor, and is then gone on with.
 */
import { faultPoint, LaunchRefusedError, type LaunchRequest, SpawnFailedError } from '@heddle/launcher';
import { toAttemptId } from './attempt-id.ts';
import { AttemptRecord, type Turn } from './attempt-record.ts';
import { type AttemptWait, endOrStop, watchAttempt } from './attempt-wait.ts';
import { endCauseOf } from './end-cause.ts';
import { toLaunchRequest } from './launch-request.ts';
import { outcomeOfFailedSetup } from './outcome.ts';
import { needsSetUp, SetUp } from './set-up.ts';
import type { SupervisedJob } from './supervised-job.ts';
import type { TurnGround } from './supervision-effects.ts';
import type { Workspace } from './workspace.ts';

export class AttemptStart {
  readonly #job: SupervisedJob;
  readonly #ground: TurnGround;

  constructor(job: SupervisedJob, ground: TurnGround) {
    this.#job = job;
    this.#ground = ground;
  }

  /** The next step: the set-up if there is one to do, else the launch. */
  async launch(): Promise<Turn | AttemptWait> {
    const record = this.#ground.entry.value;
    const workspace = await this.#job.effects.workspace(record);
    if ('problem' in workspace) return this.#failSetUp(workspace.problem);
    if (needsSetUp(record)) return this.#setUp(workspace);
    await this.#clearAfterLast();
    return this.#start(toLaunchRequest(record, this.#job.settings, workspace, await this.#isLogInLine()));
  }

  /** A job that is to end must not leave its set-up behind. */
  async endSetUp(): Promise<void> {
    const record = this.#ground.entry.value;
    if (!needsSetUp(record) || endCauseOf(record) === undefined) return;
    const report = await this.#makeSetUp().end(this.#ground.launcher);
    this.#job.setUpReport = report ?? this.#job.setUpReport;
  }

  /** What the attempt before this one has left behind. */
  async #clearAfterLast(): Promise<void> {
    const { attempt } = this.#ground.entry.value;
    if (attempt === 1) return;
    const { effects, attemptId } = this.#job;
    await effects.processes.kill(this.#job.markOf(toAttemptId(attemptId, attempt - 1)));
  }

  /** Whether the log ends within a line of what was written before this attempt. */
  async #isLogInLine(): Promise<boolean> {
    const { attempt, setUpAtMs } = this.#ground.entry.value;
    return (attempt > 1 || setUpAtMs !== null) && this.#job.logs.endsInLine(this.#job.logFile);
  }

  async #start(request: LaunchRequest): Promise<Turn | AttemptWait> {
    const { launcher } = this.#ground;
    faultPoint('K2');
    try {
      const launched = launcher.launch(request);
      const end = endOrStop(this.#job, launcher); // Asked in one message with the launch, which the launcher reads first.
      return await watchAttempt(this.#job, this.#ground, await launched, end);
    } catch (error) {
      if (error instanceof LaunchRefusedError || error instanceof SpawnFailedError) return 'again'; // The report says it.
      throw error;
    }
  }

  async #setUp(workspace: Workspace): Promise<Turn> {
    const job = this.#job;
    const { launcher, records } = this.#ground;
    job.takenUp.open();
    const setUp = this.#makeSetUp();
    const result = await setUp.run(launcher, workspace, job.stopAsked.opened);
    if (result === 'ended') return 'again';
    if (result !== 'done') {
      job.setUpReport = result.report ?? null;
      return this.#failSetUp(result.problem);
    }
    await new AttemptRecord(job, records).setUpDone();
    job.effects.settled(setUp.attemptId);
    return 'again';
  }

  /** The refusal first: nobody else, late, shall start what is about to have failed. */
  async #failSetUp(problem: string): Promise<Turn> {
    const job = this.#job;
    const { launcher, records, entry } = this.#ground;
    const { phase } = await launcher.refuse(job.attemptId, job.submissionId);
    if (phase !== 'refused') return 'again';
    const facts = { started: undefined, stopReport: null };
    return new AttemptRecord(job, records).settle(entry, outcomeOfFailedSetup(problem), facts);
  }

  #makeSetUp(): SetUp {
    return new SetUp(this.#ground.entry.value, this.#job.settings, this.#job.effects);
  }
}
