import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createDeferred, ManualClock, silentLogger } from '@heddle/base';
import type { JobSummary } from './job-board.ts';
import { Tidying, type TidyingParts } from './tidying.ts';

const PERIOD_MS = 1_000;

/** What was done, in order; `failing`: what throws instead. */
function tidyingWith(changes: Partial<TidyingParts> = {}) {
  const clock = new ManualClock();
  const done: string[] = [];
  const complaints: string[] = [];
  const closing = new AbortController();
  const note = (what: string) => async (): Promise<void> => void done.push(what);
  const tidying = new Tidying({
    sweep: { run: note('sweep') },
    retention: { run: note('retention'), isDue: false },
    packages: { tidy: async (inUse, retainedMs) => void done.push(`packages but ${[...inUse]}, ${retainedMs}`) },
    board: { openJobs: [{ packageName: 'a.zip' }, { packageName: undefined }] as JobSummary[] },
    retainedPackageMs: 7,
    periodMs: PERIOD_MS,
    clock,
    logger: { ...silentLogger, error: (_fields: object, message: string) => void complaints.push(message) },
    closing: closing.signal,
    ...changes,
  });
  return { tidying, clock, done, complaints, closing };
}

test('a round sweeps orphans, forgets old jobs and removes packages that no open job names', async () => {
  const { tidying, clock, done } = tidyingWith();
  using _ended = tidying;
  tidying.begin();
  assert.deepEqual(done, []);
  clock.advance(PERIOD_MS);
  await setImmediate();
  assert.deepEqual(done, ['sweep', 'retention', 'packages but a.zip, 7']);
});

test('what fails is told, and keeps nothing else from being tidied', async () => {
  const { tidying, clock, done, complaints } = tidyingWith({ sweep: { run: () => Promise.reject(new Error('no')) } });
  using _ended = tidying;
  tidying.begin();
  clock.advance(PERIOD_MS);
  await setImmediate();
  assert.deepEqual(complaints, ['cannot sweep orphans']);
  assert.deepEqual(done, ['retention', 'packages but a.zip, 7']);
});

test('a round that takes longer than the period is not overtaken, and the next one comes after it', async () => {
  const sweeps = [createDeferred<void>(), createDeferred<void>()];
  let begun = 0;
  const { tidying, clock } = tidyingWith({ sweep: { run: () => sweeps[begun++]!.promise } });
  using _ended = tidying;
  tidying.begin();
  clock.advance(PERIOD_MS);
  clock.advance(PERIOD_MS);
  assert.equal(begun, 1);
  sweeps[0]!.resolve();
  await setImmediate();
  clock.advance(PERIOD_MS);
  assert.equal(begun, 2);
});

test('old jobs go out of turn only where too many have gathered', async () => {
  for (const isDue of [false, true]) {
    let runs = 0;
    const { tidying } = tidyingWith({ retention: { isDue, run: async () => void runs++ } });
    using _ended = tidying;
    tidying.jobEnded();
    assert.equal(runs, isDue ? 1 : 0);
  }
});

test('once the manager is closing nothing is begun, and what fails for it is not told', async () => {
  const sweep = createDeferred<void>();
  const { tidying, clock, done, complaints, closing } = tidyingWith({ sweep: { run: () => sweep.promise } });
  tidying.begin();
  clock.advance(PERIOD_MS);
  closing.abort();
  tidying[Symbol.dispose]();
  sweep.reject(new Error('closed'));
  await setImmediate();
  assert.deepEqual([done, complaints], [[], []]);
  assert.equal(clock.pendingTimers, 0);
});
