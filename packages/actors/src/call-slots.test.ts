import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CallSlots } from './call-slots.ts';
import { SLOTS } from './link-memory.ts';

interface Call {
  readonly id: number;
}

function makeSlots(): { readonly slots: CallSlots<Call>; readonly begun: Uint8Array } {
  const begun = new Uint8Array(SLOTS);
  return { slots: new CallSlots<Call>(begun), begun };
}

test('a call is found under its slot until it is released, whatever else comes and goes', () => {
  const anySteps = fc.array(fc.oneof(fc.constant('take' as const), fc.nat(40)), { maxLength: 200 });
  fc.assert(
    fc.property(anySteps, (steps) => {
      const { slots, begun } = makeSlots();
      const model = new Map<number, Call>();
      for (const [id, step] of steps.entries()) {
        if (step === 'take') {
          const slot = slots.take({ id });
          assert.ok(slot >= 0 && !model.has(slot), 'a slot in use is never given again');
          assert.equal(begun[slot], 0, 'a slot is given unbegun');
          begun[slot] = 1;
          model.set(slot, { id });
        } else {
          assert.deepEqual(slots.release(step), model.get(step));
          model.delete(step);
        }
        assert.equal(slots.taken, model.size);
      }
      const drained = slots.drain();
      assert.deepEqual(drained.map(({ call }) => call.id).sort(), [...model.values()].map(({ id }) => id).sort());
      assert.equal(slots.taken, 0);
    }),
  );
});

test('draining tells of each call whether it had begun', () => {
  const { slots, begun } = makeSlots();
  for (let id = 0; id < 6; id++) slots.take({ id });
  for (const slot of [0, 3, 5]) begun[slot] = 1;
  slots.release(3);
  assert.deepEqual(
    slots.drain().map(({ call, began }) => [call.id, began]),
    [
      [0, true],
      [1, false],
      [2, false],
      [4, false],
      [5, true],
    ],
  );
  assert.deepEqual(slots.drain(), []);
});

test('there are as many slots as begun bytes, and one is free again when it is released', () => {
  const { slots } = makeSlots();
  for (let id = 0; id < SLOTS; id++) assert.notEqual(slots.take({ id }), -1);
  assert.equal(slots.take({ id: -1 }), -1);
  assert.equal(slots.taken, SLOTS);
  assert.deepEqual(slots.release(4_321), { id: 4_321 });
  assert.equal(slots.take({ id: -2 }), 4_321);
  assert.equal(slots.take({ id: -3 }), -1);
});

test('a slot that is empty or never was releases nothing', () => {
  const { slots } = makeSlots();
  assert.equal(slots.release(0), undefined);
  const slot = slots.take({ id: 1 });
  slots.release(slot);
  assert.equal(slots.release(slot), undefined);
  assert.equal(slots.taken, 0);
});

test('drained slots are given again', () => {
  const { slots } = makeSlots();
  for (let id = 0; id < 3; id++) slots.take({ id });
  slots.release(1);
  slots.drain();
  const again = [slots.take({ id: 10 }), slots.take({ id: 11 }), slots.take({ id: 12 })];
  assert.equal(new Set(again).size, 3);
  assert.equal(slots.taken, 3);
});
