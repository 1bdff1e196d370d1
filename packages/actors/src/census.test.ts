import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Census } from './census.ts';
import { HandleCount } from './handle-count.ts';

const NOTHING = { holds: false, sent: 0, received: 0 };

test('nobody holds an actor when all threads have said so twice', () => {
  const census = new Census(2);
  assert.equal(census.answer(NOTHING, 2), 'go on');
  assert.equal(census.answer(NOTHING, 2), 'ask again');
  assert.equal(census.answer(NOTHING, 2), 'go on');
  assert.equal(census.answer(NOTHING, 2), 'nobody');
});

test('one holder is enough to keep an actor', () => {
  const census = new Census(2);
  census.answer({ ...NOTHING, holds: true }, 2);
  assert.equal(census.answer(NOTHING, 2), 'held');
});

test('a copy on its way keeps an actor', () => {
  const census = new Census(1);
  assert.equal(census.answer({ holds: false, sent: 1, received: 0 }, 1), 'held');
});

test('a thread that let go is to be told of once, and again after a census that found it busy', () => {
  const dropped = HandleCount.NONE.made().dropped();
  assert.equal(dropped.owesWord, true);
  assert.equal(dropped.told().owesWord, false);
  assert.equal(dropped.told().holding(true).holds, true);
  assert.equal(dropped.told().owing().owesWord, true);
});

test('a count of handles is what was done, whatever it has in common with others', () => {
  const counts = HandleCount.NONE.made().made().dropped().sent().told().owing().received().dropped();
  assert.deepEqual(counts.holding(false), { holds: false, sent: 1, received: 1 });
  assert.deepEqual(HandleCount.NONE.holding(false), { holds: false, sent: 0, received: 0 });
  assert.equal(HandleCount.NONE.owesWord, false);
  assert.equal(HandleCount.NONE.made().isHeld, true);
});

/**
 * Threads that hand copies of one handle around at random, and a census whose questions reach them at random
 * moments in between: an actor that somebody holds, or that travels, is never found unheld.
 */
test('a census never misses a holder, however its questions fall between the messages', () => {
  const step = fc.record({ thread: fc.nat({ max: 2 }), act: fc.constantFrom('send', 'receive', 'drop', 'answer') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const counts = [HandleCount.NONE.made(), HandleCount.NONE, HandleCount.NONE];
      const inbox = [0, 0, 0];
      const held = [1, 0, 0];
      let census = new Census(3);
      let asked = new Set<number>();
      for (const { thread, act } of steps) {
        const count = counts[thread]!;
        if (act === 'send' && held[thread]! > 0) {
          counts[thread] = count.sent();
          inbox[(thread + 1) % 3]!++;
        } else if (act === 'receive' && inbox[thread]! > 0) {
          inbox[thread]!--;
          counts[thread] = count.made().received();
          held[thread]!++;
        } else if (act === 'drop' && held[thread]! > 0) {
          counts[thread] = count.dropped();
          held[thread]!--;
        } else if (act === 'answer' && !asked.has(thread)) {
          asked.add(thread);
          const verdict = census.answer(count.holding(false), 3);
          if (verdict === 'nobody')
            assert.ok(
              [...held, ...inbox].every((n) => n === 0),
              'somebody held it',
            );
          if (verdict !== 'go on') asked = new Set();
          if (verdict === 'held' || verdict === 'nobody') census = new Census(3);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
