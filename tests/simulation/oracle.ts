/**
 * What must be true, watched while a schedule runs and looked at when it is over. It believes only the disk, the
 * machine and what clients were told.
 */
import { isTerminal } from '@heddle/api';
import type { JobRecord } from '../../packages/jobs/src/job-record.ts';
import type { World } from './world.ts';

/** What a client was told. */
interface Promised {
  /** The id was returned: the job exists from here on. */
  isAccepted: boolean;
  /** A stop was answered with true. */
  isStopped: boolean;
}

/** What the launcher does beside waiting for the grace to pass. */
const SLACK_MS = 1_000;

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export class Oracle {
  readonly #world: World;
  readonly #promised = new Map<string, Promised>();
  readonly #asked = new Map<string, { readonly atMs: number; readonly graceMs: number; readonly frozenMs: number }>();
  #failure: InvariantError | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** The first thing that went wrong. */
  get failure(): InvariantError | undefined {
    return this.#failure;
  }

  tried(submissionId: string): void {
    if (!this.#promised.has(submissionId)) this.#promised.set(submissionId, { isAccepted: false, isStopped: false });
  }

  accepted(submissionId: string): void {
    const promised = this.#promised.get(submissionId)!;
    this.#check(!promised.isAccepted, `${submissionId} was accepted twice`);
    promised.isAccepted = true;
  }

  stopped(submissionId: string): void {
    this.#promised.get(submissionId)!.isStopped = true;
  }

  /** A change of a record has become durable. */
  committed(before: JobRecord | undefined, after: JobRecord): void {
    const id = after.submissionId;
    if (before !== undefined) {
      this.#check(!isTerminal(before.status), `${id} was ${before.status} and became ${after.status}`);
      this.#check(
        before.stopRequestedAtMs === null || after.stopRequestedAtMs !== null,
        `the stop request of ${id} was lost`,
      );
      const isNewProcess = before.process !== null && before.attemptId === after.attemptId;
      this.#check(
        !isNewProcess || after.process?.startTime === before.process?.startTime,
        `the process of ${after.attemptId} changed`,
      );
    }
    if (after.process !== null) this.#check(this.#starts(after.attemptId) === 1, `${id} is RUNNING without a process`);
    if (isTerminal(after.status)) this.#ended(after);
  }

  /** The launcher has sent a job its stop signal. */
  asked(attemptId: string, graceMs: number): void {
    const { timeline, frozenMs } = this.#world;
    if (!this.#asked.has(attemptId)) this.#asked.set(attemptId, { atMs: timeline.nowMs, graceMs, frozenMs });
  }

  /** The launcher, the same one, kills a job that has not ended on its signal. */
  killed(attemptId: string): void {
    const asked = this.#asked.get(attemptId);
    if (asked === undefined) return;
    const waitedMs = this.#world.timeline.nowMs - asked.atMs;
    const frozenMs = this.#world.frozenMs - asked.frozenMs;
    this.#check(waitedMs >= asked.graceMs, `${attemptId} was killed ${waitedMs} ms after its signal, before its grace`);
    const latestMs = asked.graceMs + frozenMs + SLACK_MS;
    this.#check(waitedMs <= latestMs, `${attemptId} was killed ${waitedMs} ms after its signal, long after its grace`);
  }

  /** Looks at what holds at any moment. */
  look(): void {
    for (const [attemptId, { starts }] of this.#world.machine.attempts)
      this.#check(starts <= 1, `${attemptId} was started ${starts} times`);
    this.#check(this.#world.machine.deadInnocents === 0, 'an innocent process was killed');
  }

  /** Whether every job is over. */
  get isQuiet(): boolean {
    return this.#world.disk.entries().every(({ value }) => isTerminal(value.status));
  }

  /** Looks at what must hold when nothing is left to happen. */
  lookAtEnd(): void {
    this.look();
    const records = new Map(this.#world.disk.entries().map(({ key, value }) => [key, value]));
    for (const [id, { isAccepted, isStopped }] of this.#promised) {
      const record = records.get(id);
      if (isAccepted) this.#check(record !== undefined, `${id} was returned and is not known`);
      if (record === undefined) continue;
      this.#check(isTerminal(record.status), `${id} is ${record.status} for ever`);
      if (isStopped) this.#check(record.status === 'STOPPED', `${id} was to be STOPPED and is ${record.status}`);
    }
    for (const id of records.keys()) this.#check(this.#promised.has(id), `${id} is known and was never submitted`);
    const left = this.#world.machine.marked('ours:');
    this.#check(left.length === 0, `processes are left: ${left.map(({ mark, pid }) => `${pid} ${mark}`).join(', ')}`);
    const remembered = this.#world.present?.attempts ?? 0;
    this.#check(remembered === 0, `the launcher remembers ${remembered} attempts for ever`);
  }

  #ended(record: JobRecord): void {
    const { submissionId: id, attemptId, exit, status, errorType } = record;
    const truth = this.#world.machine.attempts.get(attemptId)?.end;
    if (exit !== null) {
      const isTrue = truth !== undefined && truth.code === exit.code && truth.signal === exit.signal;
      this.#check(isTrue, `${id} ended with ${JSON.stringify(truth)} and says ${exit.code ?? exit.signal}`);
    } else if (errorType === 'JOB_PROCESS_LOST' || errorType === 'JOB_HOST_RESTARTED') {
      this.#check(this.#world.mayBeLost(attemptId), `${id} is ${errorType}, and its launcher lived to see its end`);
    } else {
      this.#check(status !== 'SUCCEEDED', `${id} is SUCCEEDED without an exit`);
    }
    if (status === 'SUCCEEDED') this.#check(exit?.code === 0, `${id} is SUCCEEDED with ${exit?.code}`);
    if (status === 'STOPPED') {
      this.#check(record.stopRequestedAtMs !== null, `${id} is STOPPED and nobody asked for it`);
      const alive = this.#world.machine.marked(`ours:${attemptId}`).filter(({ mark }) => mark === `ours:${attemptId}`);
      this.#check(alive.length === 0, `${id} is STOPPED and ${alive.length} of its processes live`);
    }
  }

  #starts(attemptId: string): number {
    return this.#world.machine.attempts.get(attemptId)?.starts ?? 0;
  }

  #check(holds: boolean, message: string): void {
    if (holds || this.#failure !== undefined) return;
    this.#world.trace(() => `ORACLE: ${message}`);
    this.#failure = new InvariantError(message);
  }
}
