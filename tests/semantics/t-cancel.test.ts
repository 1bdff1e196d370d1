/** Guarantee T8 where nothing is awaited: the thread that runs the calls takes no message meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancel, TaskCancelledError, watch } from '@heddle/actors';
import { Gate, Tally } from '../support/gate.ts';
import { failureOf, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { isAbortedAfter, Occupied } from './actors/occupied.ts';

test('T8 a call that waits behind one that does not await never starts, and what follows it does', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const actor = Occupied.remote();
  const [gate, cancelled, wanted] = [new Gate(), new Tally(1), new Tally(1)];
  const running = actor.block.remote(gate.memory);
  const queued = actor.count.remote(cancelled.memory);
  const following = actor.count.remote(wanted.memory);
  await gate.arrived();
  await cancel(queued);
  gate.open();
  assert.ok((await failureOf(queued)) instanceof TaskCancelledError);
  assert.equal(await running, 'through');
  await following;
  assert.deepEqual([cancelled.of(0), wanted.of(0)], [0, 1]);
});

test('T8 a call that is cancelled in the turn in which it was made never starts', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const actor = Occupied.remote();
  const tally = new Tally(1);
  await actor.count.remote(tally.memory);
  const calls = [1, 2, 3].map(() => actor.count.remote(tally.memory));
  for (const call of calls) void cancel(call);
  for (const call of calls) assert.ok((await failureOf(call)) instanceof TaskCancelledError);
  assert.equal(tally.of(0), 1);
});

test('T8 the ref of a cancelled call that does not await fails when it ends, whatever it returns or throws', async () => {
  await using _ = await RuntimeHarness.start();
  const [returning, throwing] = [Occupied.remote(), Occupied.options({ maxRestarts: 1, maxTaskRetries: 1 }).remote()];
  const gate = new Gate();
  const refs = [
    returning.block.remote(gate.memory),
    throwing.throwAfter.options({ retryExceptions: true }).remote(gate.memory),
  ];
  await gate.arrived(2);
  for (const ref of refs) await cancel(ref);
  assert.deepEqual(
    refs.map((ref) => ref.isSettled),
    [false, false],
  );
  gate.open();
  for (const ref of refs) assert.ok((await failureOf(ref)) instanceof TaskCancelledError);
});

test('T8 code that does not await sees that it is cancelled when it asks', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const actor = Occupied.remote();
  for (const call of [actor.isAbortedAfter, isAbortedAfter]) {
    const [gate, tally] = [new Gate(), new Tally(1)];
    const running = call.remote(gate.memory, tally.memory);
    await gate.arrived();
    await cancel(running);
    gate.open();
    assert.ok((await failureOf(running)) instanceof TaskCancelledError);
    assert.equal(tally.of(0), 1);
    const [open, none] = [new Gate(), new Tally(1)];
    open.open();
    await call.remote(open.memory, none.memory); // The same slot once more.
    assert.equal(none.of(0), 0);
  }
});

test('T8 an actor that was given up ends although the last call that waited was cancelled', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const actor = Occupied.remote();
  const [gate, tally] = [new Gate(), new Tally(1)];
  const running = actor.block.remote(gate.memory);
  const queued = actor.count.remote(tally.memory);
  const dead = watch(actor);
  await gate.arrived();
  await cancel(queued);
  actor.release();
  gate.open();
  assert.equal(await running, 'through');
  const [death] = await valuesOf([dead]);
  assert.equal(death.isIntended, true);
});
