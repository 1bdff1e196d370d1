/**
 * One job in a table, a machine without processes, and as many supervisions of it as a test wants, one after the
 * other or at once, on a time that moves only when told to.
 */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { isTerminal, type JobStatus } from '@heddle/api';
import { ManualClock } from '@heddle/base';
import { type Gcs, openGcs } from '@heddle/gcs';
import { type JobRecord, withStopRequest } from '../job-record.ts';
import { JOBS_TABLE, JobRecords } from '../job-records.ts';
import { Supervision } from '../supervision.ts';
import type { Workspace } from '../workspace.ts';
import { FakeMachine } from './fake-machine.ts';
import { NOW_MS } from './records.ts';

export const JOB = 'job_1';
export const ATTEMPT = 'attempt_1';
export const MARK = 'mark_1:attempt_1';
const LOOKS_MAX = 2_000;

export class SupervisionHarness implements AsyncDisposable {
  readonly machine = new FakeMachine();
  readonly clock = new ManualClock(NOW_MS + 500);
  readonly records: JobRecords;
  readonly settled: string[] = [];
  readonly #gcs: Gcs;
  readonly #statuses: JobStatus[] = [];
  readonly #runs: Promise<void>[] = [];
  /** Where jobs start, or why there is no such place. */
  workspace: Workspace | { readonly problem: string } | undefined;
  /** While set, the tables cannot be reached. */
  outage: Error | undefined;

  private constructor(gcs: Gcs) {
    this.#gcs = gcs;
    this.records = new JobRecords(gcs.table<JobRecord>(JOBS_TABLE));
  }

  static async open(record: JobRecord): Promise<SupervisionHarness> {
    const harness = new SupervisionHarness(await openGcs({ storage: 'memory' }));
    void harness.#follow();
    await harness.records.create(record);
    return harness;
  }

  /** Begins to supervise, as a new incarnation would. */
  supervise(options: { actorId?: string } = {}): Supervision {
    const supervision = new Supervision(
      { submissionId: JOB, attemptId: ATTEMPT, actorId: options.actorId ?? 'actor_1' },
      { identity: 'mark_1', logDirectory: '/nonexistent', inherited: {} },
      {
        here: { bootId: 'boot_1', pidNamespace: 'pid:[1]' },
        clock: this.clock,
        records: () => {
          if (this.outage !== undefined) throw this.outage;
          return this.records;
        },
        launcher: () => this.machine,
        processes: this.machine.processes,
        workspace: async (record) => this.workspace ?? { directory: record.workingDirectory, isAsked: false },
        ageMs: ({ startedAtMs }) => this.clock.now() - startedAtMs,
        settled: (attemptId) => this.settled.push(attemptId),
      },
    );
    this.#runs.push(supervision.run());
    return supervision;
  }

  async record(): Promise<JobRecord> {
    return (await this.records.get(JOB))!.value;
  }

  /** The record once it is in this state; the statuses on the way are in `statuses`. */
  async until(is: (record: JobRecord) => boolean): Promise<JobRecord> {
    for (let looks = 0; ; looks++) {
      const record = await this.record();
      if (is(record)) return record;
      assert.ok(looks < LOOKS_MAX, `as wanted, not ${JSON.stringify(record)}`);
      await stat('/'); // Logs are read meanwhile: a look takes as long as a file, however loaded the machine.
      this.clock.advance(10); // Whoever waits out a failure waits by this clock.
    }
  }

  untilOver = () => this.until((record) => isTerminal(record.status));

  async requestStop(supervision?: Supervision): Promise<void> {
    await this.records.change(JOB, (record) => withStopRequest(record, NOW_MS + 100));
    await supervision?.stop();
  }

  get statuses(): readonly JobStatus[] {
    return this.#statuses;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.untilOver();
    await Promise.all(this.#runs);
    assert.equal(this.clock.pendingTimers, 0, 'no supervision waits any more');
    await this.#gcs[Symbol.asyncDispose]();
  }

  async #follow(): Promise<void> {
    for await (const change of this.#gcs.table<JobRecord>(JOBS_TABLE).watch())
      if (change.type === 'put' && this.#statuses.at(-1) !== change.value.status)
        this.#statuses.push(change.value.status);
  }
}
