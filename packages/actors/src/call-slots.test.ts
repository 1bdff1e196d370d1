import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CallSlots, type SentCall } from './call-slots.ts';
import { SLOTS } from './link-memory.ts';

class Call implements SentCall {
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }

  answered(): void {}

  unbegun(): void {}

  interrupted(): void {}

  yielded(): void {}
}

const idOf = (call: SentCall): number => (call as Call).id;

function makeSlots(): { readonly slots: CallSlots; readonly begun: Uint8Array } {
  const begun = new Uint8Array(SLOTS);
  return { slots: new CallSlots(begun), begun };
}

test('a call is found under its slot until it is released, whatever else comes and goes', () => {
  const anySteps = fc.array(fc.oneof(fc.constant('take' as const), fc.nat(40)), { maxLength: 200 });
  fc.assert(
    fc.property(anySteps, (steps) => {
      const { slots, begun } = makeSlots();
      const model = new Map<number, Call>();
      for (const [id, step] of steps.entries()) {
        if (step === 'take') {
          const call = new Call(id);
          const slot = slots.take(call);
          assert.ok(slot >= 0 && !model.has(slot), 'a slot in use is never given again');
          assert.equal(begun[slot], 0, 'a slot is given unbegun');
          begun[slot] = 1;
          model.set(slot, call);
        } else {
          assert.equal(slots.release(step), model.get(step));
          model.delete(step);
        }
        assert.equal(slots.taken, model.size);
      }
      const drained = slots.drain();
      assert.deepEqual(drained.map(({ call }) => idOf(call)).sort(), [...model.values()].map(({ id }) => id).sort());
      assert.equal(slots.taken, 0);
    }),
  );
});

test('draining tells of each call whether it had begun', () => {
  const { slots, begun } = makeSlots();
  for (let id = 0; id < 6; id++) slots.take(new Call(id));
  for (const slot of [0, 3, 5]) begun[slot] = 1;
  slots.release(3);
  assert.deepEqual(
    slots.drain().map(({ call, began }) => [idOf(call), began]),
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
  for (let id = 0; id < SLOTS; id++) assert.notEqual(slots.take(new Call(id)), -1);
  assert.equal(slots.take(new Call(-1)), -1);
  assert.equal(slots.taken, SLOTS);
  assert.equal(idOf(slots.release(4_321)!), 4_321);
  assert.equal(slots.take(new Call(-2)), 4_321);
  assert.equal(slots.take(new Call(-3)), -1);
});

test('a slot that is empty or never was releases nothing', () => {
  const { slots } = makeSlots();
  assert.equal(slots.release(0), undefined);
  const slot = slots.take(new Call(1));
  slots.release(slot);
  assert.equal(slots.release(slot), undefined);
  assert.equal(slots.taken, 0);
});

test('drained slots are given again', () => {
  const { slots } = makeSlots();
  for (let id = 0; id < 3; id++) slots.take(new Call(id));
  slots.release(1);
  slots.drain();
  const again = [slots.take(new Call(10)), slots.take(new Call(11)), slots.take(new Call(12))];
  assert.equal(new Set(again).size, 3);
  assert.equal(slots.taken, 3);
});
