import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JobBoard } from './job-board.ts';
import { JobQueue } from './job-queue.ts';
import type { JobRecord } from './job-record.ts';
import { pending } from './testing/records.ts';

class QueueHarness {
  readonly board = new JobBoard(
    () => {},
    () => 0,
  );
  readonly queue: JobQueue;
  #revision = 0;

  constructor(maxRunningJobs = 99, CPU = 2) {
    this.queue = new JobQueue({ maxRunningJobs, maxPendingJobs: 3, resources: { CPU } });
  }

  add(submissionId: string, fields: Partial<JobRecord> = {}) {
    const entry = this.#put(submissionId, fields);
    this.queue.add(entry, false);
    return entry;
  }

  end(submissionId: string): void {
    this.#put(submissionId, { status: 'SUCCEEDED' });
  }

  next = (): string[] => this.queue.takeNext(this.board).map((entry) => entry.key);

  #put(submissionId: string, fields: Partial<JobRecord>) {
    const value = pending({ submissionId, ...fields });
    const entry = { key: submissionId, revision: ++this.#revision, value };
    this.board.put(entry);
    return entry;
  }
}

test('S10: a place and resources are held from the turn to the end', () => {
  const harness = new QueueHarness(2);
  for (const id of ['a', 'b', 'c']) harness.add(id, { entrypointNumCpus: 1 });
  assert.deepEqual(harness.next(), ['a', 'b']);
  assert.deepEqual(harness.next(), []);
  assert.deepEqual(harness.queue.amounts(harness.board).used, { CPU: 2 });
  harness.end('a');
  assert.deepEqual(harness.next(), ['c']);
});

test('S10: the line is by priority and then by submission, whoever is taken out of it meanwhile', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: -2, max: 2 }), fc.boolean())), (jobs) => {
      const harness = new QueueHarness();
      for (const [at, [priority]] of jobs.entries()) harness.add(String(at), { priority });
      for (const [at, [, isTaken]] of jobs.entries()) if (isTaken) harness.queue.take(String(at));
      const expected = jobs
        .map(([priority, isTaken], at) => ({ priority, isTaken, id: String(at) }))
        .filter((job) => !job.isTaken)
        .sort((a, b) => b.priority - a.priority);
      assert.deepEqual(
        harness.next(),
        expected.map((job) => job.id),
      );
      assert.equal(harness.queue.size, 0);
    }),
  );
});

test('a waiting job says what it waits for', () => {
  const harness = new QueueHarness(1);
  const message = (fields: Partial<JobRecord>) => harness.queue.messageFor(harness.add('x', fields));
  assert.equal(message({}), 'Job has not started yet.');
  assert.match(message({ entrypointNumCpus: 1 }), /It may be waiting for resources/);
  assert.match(
    message({ entrypointNumCpus: 64, entrypointResources: { tape: 1 } }),
    /^Job has not started yet\. It asks for 64 CPU of which this daemon has 2, and 1 tape of which this daemon has 0, so it cannot start here/,
  );
  assert.equal(harness.queue.counts().unsatisfiable, 1);
});

test('a line has an end', () => {
  const harness = new QueueHarness();
  for (const id of ['a', 'b', 'c']) {
    assert.equal(harness.queue.isFull, false);
    harness.add(id);
  }
  assert.equal(harness.queue.isFull, true);
});

test('what an earlier manager gave out is in use, and an id that waits again holds nothing', () => {
  const harness = new QueueHarness();
  const adopted = harness.add('a', { entrypointNumCpus: 2 });
  harness.queue.take('a');
  harness.queue.hold(adopted);
  assert.deepEqual(harness.queue.amounts(harness.board).used, { CPU: 2 });
  harness.add('b', { entrypointNumCpus: 1 });
  assert.deepEqual(harness.next(), []);
  harness.add('a', { entrypointNumCpus: 1 }); // Deleted meanwhile, and submitted again.
  assert.deepEqual(harness.next(), ['b', 'a']);
});

test('a line that is left from anywhere keeps its order, however many have left', () => {
  const harness = new QueueHarness(100_000);
  for (let at = 0; at < 1_000; at++) harness.add(String(at), { priority: at % 3 });
  for (let at = 0; at < 1_000; at++) if (at % 10 !== 9) harness.queue.take(String(at));
  for (let at = 1_000; at < 1_010; at++) harness.add(String(at), { priority: at % 3 });
  const expected = Array.from({ length: 1_010 }, (_, at) => at).filter((at) => at >= 1_000 || at % 10 === 9);
  assert.deepEqual(
    harness.next().map(Number),
    expected.sort((one, other) => (other % 3) - (one % 3) || one - other),
  );
});
