import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Amounts, subtract, sumOf, toShape } from './amounts.ts';
import { judgeQueue, PASSES_MAX, type WaitingJob } from './queue-judge.ts';

const job = (submissionId: string, demand: Amounts = {}, more: Partial<WaitingJob> = {}): WaitingJob => ({
  submissionId,
  demand,
  shape: toShape(demand),
  passes: 0,
  held: false,
  ...more,
});

const starting = (line: WaitingJob[], places: number, total: Amounts = {}, free = total) => [
  ...judgeQueue(line, places, total, free).starting,
];

test('S10: jobs start in the order of the line while places are free', () => {
  const line = [job('a'), job('b'), job('c')];
  assert.deepEqual(starting(line, 2), ['a', 'b']);
  assert.deepEqual(starting(line, 0), []);
});

test('a held job takes no place and holds nobody back', () => {
  assert.deepEqual(starting([job('h', {}, { held: true }), job('a'), job('b')], 1), ['a']);
});

test('S10: what is asked for is accounted, and fractions add up', () => {
  const line = Array.from({ length: 11 }, (_, at) => job(String(at), { CPU: 0.1 }));
  assert.equal(starting(line, 100, { CPU: 1 }).length, 10);
  assert.deepEqual(starting([job('a', { CPU: 2 }), job('b', { CPU: 1 })], 9, { CPU: 2 }), ['a']);
});

test('a job that does not fit now lets others pass, but none that asks for the same', () => {
  const line = [job('big', { CPU: 2 }), job('twin', { CPU: 2 }), job('small', { CPU: 1 }), job('none')];
  const verdict = judgeQueue(line, 9, { CPU: 2 }, { CPU: 1 });
  assert.deepEqual(verdict.starting, ['small', 'none']);
  assert.deepEqual([...verdict.passed], [['big', 1]]); // "none" takes nothing that "big" lacks.
});

test('a job that was passed often enough keeps what is free', () => {
  const line = [job('big', { CPU: 2 }, { passes: PASSES_MAX }), job('small', { CPU: 1 }), job('none')];
  assert.deepEqual(starting(line, 9, { CPU: 2 }, { CPU: 1 }), ['none']);
});

test('a job that asks for more than there is holds nobody back', () => {
  const line = [job('never', { CPU: 64 }, { passes: PASSES_MAX }), job('unheard', { tape: 1 }), job('a', { CPU: 2 })];
  assert.deepEqual(starting(line, 9, { CPU: 2 }), ['a']);
});

const anyDemand = fc.oneof(
  fc.constant<Amounts>({}),
  fc.record({ CPU: fc.constantFrom(0.5, 1, 2, 9) }),
  fc.record({ CPU: fc.constantFrom(1, 3), tape: fc.constantFrom(1, 2) }),
);
const TOTAL: Amounts = { CPU: 4, tape: 2 };
const anyLine = fc
  .array(fc.tuple(anyDemand, fc.boolean(), fc.nat(PASSES_MAX)))
  .map((jobs) => jobs.map(([demand, held, passes], at) => job(String(at), demand, { held, passes })));

test('S10: never more than there is is given away, and of one shape the first in line goes first', () => {
  fc.assert(
    fc.property(anyLine, fc.nat(10), fc.nat(4), (line, places, cpus) => {
      const free = { ...TOTAL, CPU: cpus };
      const ids = starting(line, places, TOTAL, free);
      assert.ok(ids.length <= places);
      const left = subtract(free, sumOf(ids.map((id) => line[Number(id)]!.demand)));
      for (const amount of Object.values(left)) assert.ok(amount >= -1e-6);
      for (const [at, id] of ids.entries()) assert.ok(at === 0 || Number(id) > Number(ids[at - 1]));
      for (const waiting of line) {
        const isLeft = !waiting.held && !ids.includes(waiting.submissionId);
        const later = ids.filter((id) => Number(id) > Number(waiting.submissionId));
        if (isLeft) assert.ok(later.every((id) => line[Number(id)]!.shape !== waiting.shape));
      }
    }),
  );
});

test('S10: what fits starts, unless it is kept for one in front', () => {
  fc.assert(
    fc.property(anyLine, (line) => {
      const fresh = line.map((each) => ({ ...each, passes: 0 }));
      const ids = starting(fresh, Number.POSITIVE_INFINITY, TOTAL);
      const left = subtract(TOTAL, sumOf(ids.map((id) => fresh[Number(id)]!.demand)));
      for (const each of fresh.filter(({ held, submissionId }) => !held && !ids.includes(submissionId)))
        assert.ok(Object.keys(each.demand).some((name) => each.demand[name]! > left[name]!));
    }),
  );
});

test('a line is looked at no further than something in it may start', () => {
  fc.assert(
    fc.property(anyLine, fc.nat(10), fc.nat(4), (line, places, cpus) => {
      const shapes = new Set(line.map((each) => each.shape)).size;
      const free = { ...TOTAL, CPU: cpus };
      assert.deepEqual(judgeQueue(line, places, TOTAL, free, shapes), judgeQueue(line, places, TOTAL, free));
    }),
  );
  let looked = 0;
  const long = function* () {
    for (let at = 0; at < 10_000; at++, looked++) yield job(String(at), { CPU: 4 });
  };
  assert.deepEqual(judgeQueue(long(), 9, TOTAL, { CPU: 1 }, 1).starting, []);
  assert.ok(looked < 3, String(looked));
});

test('no stream of small jobs starves a large one', () => {
  const large = { ...job('large', { CPU: 4 }) };
  const running: Amounts[] = [{ CPU: 1 }];
  for (let round = 0; ; round++) {
    assert.ok(round < 2 * PASSES_MAX, 'it has started in time');
    const line = [large, ...Array.from({ length: 3 }, (_, at) => job(`small ${round} ${at}`, { CPU: 1 }))];
    const { starting: ids, passed } = judgeQueue(line, 99, TOTAL, subtract(TOTAL, sumOf(running)));
    if (ids.includes('large')) break;
    large.passes += passed.get('large') ?? 0;
    running.push(...ids.map(() => ({ CPU: 1 })));
    running.shift(); // One ends.
  }
});
