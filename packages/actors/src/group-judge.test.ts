import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type GroupLimits,
  judgeGroup,
  type MemberState,
  type RestartPolicy,
  type RestartStrategy,
} from './group-judge.ts';

const limits = (strategy: RestartStrategy, maxRestarts = 3): GroupLimits => ({
  strategy,
  maxRestarts,
  withinMs: 1_000,
});
const members = (...policies: RestartPolicy[]): MemberState[] => policies.map((policy) => ({ policy, isAlive: true }));
const restarted = (strategy: RestartStrategy, states: MemberState[], dead: number): readonly number[] => {
  const judged = judgeGroup(limits(strategy), states, dead, false, [], 0);
  assert.equal(judged.verdict, 'restart');
  return judged.verdict === 'restart' ? judged.members : [];
};

test('one-for-one restarts the dead member alone', () => {
  assert.deepEqual(restarted('one-for-one', members('permanent', 'permanent', 'permanent'), 1), [1]);
});

test('one-for-all restarts every member, in order', () => {
  assert.deepEqual(restarted('one-for-all', members('permanent', 'permanent', 'permanent'), 1), [0, 1, 2]);
});

test('rest-for-one restarts the dead member and those started after it', () => {
  assert.deepEqual(restarted('rest-for-one', members('permanent', 'permanent', 'permanent'), 1), [1, 2]);
});

test('a temporary member that is gone is not brought back with the others', () => {
  const states: MemberState[] = [
    { policy: 'permanent', isAlive: true },
    { policy: 'temporary', isAlive: false },
    { policy: 'permanent', isAlive: false },
  ];
  assert.deepEqual(restarted('one-for-all', states, 0), [0, 2]);
});

test('a temporary member is let die, and a transient one that exited of itself', () => {
  assert.equal(judgeGroup(limits('one-for-all'), members('temporary'), 0, false, [], 0).verdict, 'let die');
  assert.equal(judgeGroup(limits('one-for-all'), members('transient'), 0, true, [], 0).verdict, 'let die');
  assert.equal(judgeGroup(limits('one-for-all'), members('transient'), 0, false, [], 0).verdict, 'restart');
  assert.equal(judgeGroup(limits('one-for-all'), members('permanent'), 0, true, [], 0).verdict, 'restart');
});

test('never are there more restarts than allowed in any window', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (gapsMs, maxRestarts) => {
        let nowMs = 0;
        let restartsMs: readonly number[] = [];
        const all: number[] = [];
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          const judged = judgeGroup(
            limits('one-for-one', maxRestarts),
            members('permanent'),
            0,
            false,
            restartsMs,
            nowMs,
          );
          if (judged.verdict !== 'restart') continue;
          restartsMs = judged.restartsMs;
          all.push(nowMs);
        }
        for (const end of all) assert.ok(all.filter((atMs) => atMs > end - 1_000 && atMs <= end).length <= maxRestarts);
      },
    ),
  );
});
