import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUG_NAMES, BUGS, type BugName } from './bugs.ts';
import { simulate, type Verdict } from './world.ts';

const CLEAN_SEEDS = 400;
const BUG_SEEDS = 1_000;

async function findFailure(seeds: number, bug?: BugName): Promise<Verdict | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    const verdict = await simulate(seed, { bug });
    if (verdict.failure !== undefined) return verdict;
  }
  return undefined;
}

test(`in ${CLEAN_SEEDS} schedules of crashes, delays and repetitions no guarantee of a job is broken`, async () => {
  const verdict = await findFailure(CLEAN_SEEDS);
  const again = verdict && `npm run sim -- --seed ${verdict.seed}: ${verdict.failure?.message}`;
  assert.equal(again, undefined);
});

for (const bug of BUG_NAMES) {
  test(`the simulation finds within ${BUG_SEEDS} schedules that ${BUGS[bug]}`, { timeout: 60_000 }, async () => {
    const verdict = await findFailure(BUG_SEEDS, bug);
    assert.ok(verdict?.failure, `no schedule has shown "${bug}"`);
  });
}

test('a seed gives the same schedule again, event for event', async () => {
  for (const seed of [1, 17_627]) {
    const first = await simulate(seed, { traces: true });
    const second = await simulate(seed, { traces: true });
    assert.ok(first.trace.length > 10);
    assert.deepEqual(second, first);
  }
});
