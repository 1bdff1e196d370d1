import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActorState } from '@heddle/base';
import fc from 'fast-check';
import { canBecome } from './actor-record.ts';

const STATES: readonly ActorState[] = ['DEPENDENCIES_UNREADY', 'PENDING_CREATION', 'ALIVE', 'RESTARTING', 'DEAD'];

/** The arrows of the drawing over `ActorRecord`, by their numbers. */
const ARROWS = new Set([
  'DEPENDENCIES_UNREADY → PENDING_CREATION', // 1, 2
  'PENDING_CREATION → ALIVE', // 2
  'PENDING_CREATION → RESTARTING', // 3, when the thread dies while it constructs
  'ALIVE → RESTARTING', // 3
  'RESTARTING → PENDING_CREATION', // 4
  'DEPENDENCIES_UNREADY → DEAD', // 5
  'PENDING_CREATION → DEAD', // 5
  'ALIVE → DEAD', // 5
  'RESTARTING → DEAD', // 5
]);

test('the allowed edges are exactly the arrows that are drawn', () => {
  for (const from of STATES)
    for (const to of STATES) assert.equal(canBecome(from, to), ARROWS.has(`${from} → ${to}`), `${from} → ${to}`);
});

test('DEAD absorbs: no walk along the edges leaves it, and every walk can end in it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...STATES)), (wishes) => {
      let state: ActorState = 'DEPENDENCIES_UNREADY';
      let hasDied = false;
      for (const wish of wishes) {
        if (canBecome(state, wish)) state = wish;
        hasDied ||= state === 'DEAD';
        if (hasDied) assert.equal(state, 'DEAD');
        else assert.ok(canBecome(state, 'DEAD'));
      }
    }),
  );
});
