import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRESH_PULSE, type Health, isSelfLagging, judgePulse, type Pulse } from './health.ts';

const policy = { periodMs: 1000, timeoutMs: 5000, threshold: 3 };

function silence(from: Pulse, seconds: number): { pulse: Pulse; asks: number; healths: Health[] } {
  let pulse = from;
  let asks = 0;
  const healths: Health[] = [];
  for (let second = 0; second <= seconds; second++) {
    const judged = judgePulse(pulse, policy, false, second * 1000);
    pulse = judged.pulse;
    if (judged.ask) asks += 1;
    healths.push(pulse.health);
  }
  return { pulse, asks, healths };
}

test('S2: a supervisor is pinged once and not again while the answer may still come', () => {
  assert.equal(silence(FRESH_PULSE, 4).asks, 1);
});

test('S2: one missed ping makes a supervisor late, three in a row unreachable', () => {
  const { healths } = silence(FRESH_PULSE, 16);
  assert.equal(healths[4], 'HEALTHY');
  assert.equal(healths[5], 'LATE');
  assert.equal(healths[14], 'LATE');
  assert.equal(healths[15], 'UNREACHABLE');
});

test('any answer makes a supervisor healthy again', () => {
  const { pulse } = silence(FRESH_PULSE, 20);
  assert.equal(pulse.health, 'UNREACHABLE');
  assert.equal(FRESH_PULSE.health, 'HEALTHY');
  assert.equal(judgePulse(FRESH_PULSE, policy, false, 21_000).pulse.misses, 0);
});

test('S2: a watcher that stood still itself suspects nobody', () => {
  assert.equal(isSelfLagging(policy, 0, 1900), false);
  assert.equal(isSelfLagging(policy, 0, 3_600_000), true);
  const asked = judgePulse(FRESH_PULSE, policy, false, 0).pulse;
  const afterSleep = judgePulse(asked, policy, true, 3_600_000);
  assert.deepEqual(afterSleep, { pulse: { health: 'HEALTHY', misses: 0, askedAtMs: 3_600_000 }, ask: true });
});
