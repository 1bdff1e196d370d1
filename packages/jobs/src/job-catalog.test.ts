import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGcs } from '@heddle/gcs';
import { Closing } from './closing.ts';
import { JobCatalog } from './job-catalog.ts';
import { JobQueue } from './job-queue.ts';
import type { JobRecord } from './job-record.ts';
import { JOBS_TABLE, JobRecords } from './job-records.ts';
import { NOW_MS, pending, running } from './testing/records.ts';

const OVER = { status: 'FAILED', endedAtMs: NOW_MS + 20 } as const;

async function catalogOf(...jobs: JobRecord[]) {
  const gcs = await openGcs({ storage: 'memory' });
  const records = new JobRecords(gcs.table<JobRecord>(JOBS_TABLE));
  for (const job of jobs) await records.create(job);
  const removed: string[] = [];
  const closing = new Closing();
  const logs = { sizeOf: async () => 42, remove: async (submissionId: string) => void removed.push(submissionId) };
  const queue = new JobQueue({ maxRunningJobs: 1, maxPendingJobs: 10, resources: {} });
  const catalog = new JobCatalog({ records, queue, logs, closing });
  return { catalog, records, removed, logs, closing, [Symbol.asyncDispose]: () => gcs[Symbol.asyncDispose]() };
}

test('the length of a log is looked up only where no end has said it and one may be there', async () => {
  await using harness = await catalogOf(pending(), running({ submissionId: 'job_2' }));
  const lengths = (await harness.catalog.list()).map(({ submissionId, logBytes }) => [submissionId, logBytes]);
  assert.deepEqual(lengths, [
    ['job_1', 0],
    ['job_2', 42],
  ]);
});

test('a job that is over is forgotten with its log; one that is not stays', async () => {
  await using harness = await catalogOf(pending(OVER), running({ submissionId: 'job_2' }));
  await harness.catalog.delete('job_1');
  await assert.rejects(harness.catalog.info('job_1'), { code: 'JOB_NOT_FOUND' });
  await assert.rejects(harness.catalog.delete('job_2'), { code: 'JOB_NOT_TERMINAL' });
  assert.deepEqual(harness.removed, ['job_1']);
  assert.equal((await harness.catalog.info('job_2')).status, 'RUNNING');
});

test('a job that changes while it is deleted is looked at again', async () => {
  await using harness = await catalogOf(pending(OVER));
  const { records, logs, removed } = harness;
  logs.remove = async (submissionId) => {
    if (removed.push(submissionId) === 1) await records.change('job_1', (record) => ({ ...record, message: 'later' }));
  };
  await harness.catalog.delete('job_1');
  assert.equal(removed.length, 2);
  assert.equal(await records.get('job_1'), undefined);
});

test('to forget a job that is gone is no failure, to delete it is', async () => {
  await using harness = await catalogOf();
  await harness.catalog.forget('job_1');
  await assert.rejects(harness.catalog.delete('job_1'), { code: 'JOB_NOT_FOUND' });
});

test('a catalog of a manager that is closing answers nothing', async () => {
  await using harness = await catalogOf(pending());
  harness.closing.begin();
  await assert.rejects(harness.catalog.info('job_1'), { code: 'JOB_MANAGER_CLOSED' });
  await assert.rejects(harness.catalog.list(), { code: 'JOB_MANAGER_CLOSED' });
});
