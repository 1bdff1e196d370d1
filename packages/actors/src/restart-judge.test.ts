import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  DEFAULT_RESTART_LIMITS,
  judgeRestart,
  NO_RESTARTS,
  type RestartHistory,
  type RestartLimits,
  type RestartVerdict,
  restartLimitsOf,
  restartSpread,
  SYSTEM_RESTART_LIMITS,
} from './restart-judge.ts';

const anyLimits: fc.Arbitrary<RestartLimits> = fc.record({
  maxRestarts: fc.integer({ min: -1, max: 12 }),
  intensity: fc.integer({ min: 1, max: 5 }),
  withinMs: fc.integer({ min: 1, max: 1_000 }),
  backOffMs: fc.integer({ min: 1, max: 100 }),
  backOffMaxMs: fc.integer({ min: 100, max: 2_000 }),
  healthyMs: fc.integer({ min: 1, max: 3_000 }),
});

/** One incarnation: how long after it was due it came to live, if it did, and for how long it lived. */
const anyLife = fc.record({
  comesToLive: fc.boolean(),
  constructionMs: fc.nat(50),
  livesMs: fc.nat(4_000),
  spread: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

interface Decision {
  readonly atMs: number;
  readonly verdict: RestartVerdict;
  readonly before: RestartHistory;
  readonly limits: RestartLimits;
}

/** Lives one life after the other, as the driver would, until no restart is given. */
function live(
  limits: RestartLimits,
  lives: readonly (typeof anyLife extends fc.Arbitrary<infer L> ? L : never)[],
): Decision[] {
  const decisions: Decision[] = [];
  let history = NO_RESTARTS;
  let nowMs = 0;
  for (const { comesToLive, constructionMs, livesMs, spread } of lives) {
    nowMs += constructionMs;
    if (comesToLive) {
      history = { ...history, aliveSinceMs: nowMs };
      nowMs += livesMs;
    }
    const verdict = judgeRestart(limits, history, nowMs, spread);
    decisions.push({ atMs: nowMs, verdict, before: history, limits });
    if (verdict.verdict !== 'restart') break;
    history = verdict.history;
    nowMs += verdict.delayMs;
  }
  return decisions;
}

const anyLives = fc
  .tuple(anyLimits, fc.array(anyLife, { maxLength: 25 }))
  .map(([limits, lives]) => live(limits, lives));

const restartsOf = (decisions: readonly Decision[]): Decision[] =>
  decisions.filter(({ verdict }) => verdict.verdict === 'restart');

test('there are never more restarts than maxRestarts, and without a limit there always is one more', () => {
  fc.assert(
    fc.property(anyLives, (decisions) => {
      const restarts = restartsOf(decisions).length;
      for (const { limits, verdict } of decisions) {
        if (limits.maxRestarts === -1) assert.equal(verdict.verdict, 'restart');
        else assert.ok(restarts <= limits.maxRestarts);
      }
    }),
  );
});

test('no window holds more restarts than the intensity, unless they are without limit', () => {
  fc.assert(
    fc.property(anyLives, (decisions) => {
      const restarts = restartsOf(decisions);
      for (const { atMs, limits } of restarts) {
        if (limits.maxRestarts === -1) continue;
        const inWindow = restarts.filter((other) => other.atMs <= atMs && other.atMs > atMs - limits.withinMs);
        assert.ok(inWindow.length <= limits.intensity, `${inWindow.length} restarts within ${limits.withinMs} ms`);
      }
    }),
  );
});

test('giving up and being at the end of the restarts are told apart, the end first', () => {
  fc.assert(
    fc.property(anyLives, (decisions) => {
      for (const { verdict, before, limits } of decisions) {
        const isAtEnd = limits.maxRestarts !== -1 && before.restarts >= limits.maxRestarts;
        assert.equal(verdict.verdict === 'dead', isAtEnd);
      }
    }),
  );
});

test('the first restart of a row is immediate, the next ones wait twice as long each, up to the longest', () => {
  fc.assert(
    fc.property(anyLives, (decisions) => {
      for (const { verdict, before, limits, atMs } of decisions) {
        if (verdict.verdict !== 'restart') continue;
        const wasHealthy = before.aliveSinceMs !== undefined && atMs - before.aliveSinceMs >= limits.healthyMs;
        const row = wasHealthy ? 0 : before.row;
        const fullMs = row === 0 ? 0 : Math.min(limits.backOffMs * 2 ** (row - 1), limits.backOffMaxMs);
        assert.ok(verdict.delayMs <= fullMs && verdict.delayMs >= fullMs * 0.8, `${verdict.delayMs} of ${fullMs} ms`);
      }
    }),
  );
});

test('every restart is counted once and begins a life that has not come yet', () => {
  fc.assert(
    fc.property(anyLives, (decisions) => {
      for (const [index, { history }] of restartsOf(decisions)
        .map(({ verdict }) => verdict as Extract<RestartVerdict, { verdict: 'restart' }>)
        .entries()) {
        assert.equal(history.restarts, index + 1);
        assert.equal(history.aliveSinceMs, undefined);
      }
    }),
  );
});

test('what is remembered stays small however often an actor restarts', () => {
  const limits: RestartLimits = { ...DEFAULT_RESTART_LIMITS, maxRestarts: -1 };
  let history = NO_RESTARTS;
  for (let restart = 0; restart < 1_000; restart++) {
    const verdict = judgeRestart(limits, history, restart, 0);
    assert.equal(verdict.verdict, 'restart');
    history = (verdict as Extract<RestartVerdict, { verdict: 'restart' }>).history;
  }
  assert.equal(history.recentMs.length, limits.intensity);
  assert.equal(history.restarts, 1_000);
});

test('the fourth restart within thirty seconds is one too many by default', () => {
  const limits: RestartLimits = { ...DEFAULT_RESTART_LIMITS, maxRestarts: 100 };
  let history = NO_RESTARTS;
  for (const atMs of [0, 10_000, 20_000]) {
    const verdict = judgeRestart(limits, history, atMs, 0);
    assert.equal(verdict.verdict, 'restart');
    history = (verdict as Extract<RestartVerdict, { verdict: 'restart' }>).history;
  }
  assert.equal(judgeRestart(limits, history, 29_999, 0).verdict, 'give up');
  assert.equal(judgeRestart(limits, history, 30_000, 0).verdict, 'restart');
});

test("an actor's options say how often it may be made anew, and a supervisor's thread allows more", () => {
  const plain = { placement: undefined, maxRestarts: 4, restartIntensity: undefined };
  assert.deepEqual(restartLimitsOf(plain), { ...DEFAULT_RESTART_LIMITS, maxRestarts: 4 });
  assert.deepEqual(restartLimitsOf({ ...plain, placement: 'system' }), { ...SYSTEM_RESTART_LIMITS, maxRestarts: 4 });
  const own = restartLimitsOf({ ...plain, restartIntensity: { maxRestarts: 9, withinMs: 70 } });
  assert.deepEqual([own.maxRestarts, own.intensity, own.withinMs], [4, 9, 70]);
});

test('the spread of a back-off stays below 1, and differs from actor to actor and from restart to restart', () => {
  const spreads = Array.from({ length: 100 }, (_, at) => restartSpread(1_000 + at, 1));
  assert.ok(spreads.every((spread) => spread >= 0 && spread < 1));
  assert.ok(new Set(spreads).size > 90);
  assert.notEqual(restartSpread(7, 1), restartSpread(7, 2));
});
