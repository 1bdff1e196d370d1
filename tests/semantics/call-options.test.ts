/** Guarantees about the options of calls: A4 (moving), A6, A7, A10 (the hook), A11, T5, T8, T9. On real threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActorDiedError, cancel, kill, TaskCancelledError, TaskError, transfer, wait } from '@heddle/actors';
import { Gate, Tally } from '../support/gate.ts';
import { failureOf, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { AllTrades, Hooked } from './actors/worker-of-all-trades.ts';

const withIo = { concurrencyGroups: { io: 1 } } as const;

test('A4 transfer moves instead of copying, to an actor and back, and leaves nothing here', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  for (const isAlive of [false, true]) {
    const view = new Uint8Array(1000);
    const size = actor.bytes.remote(transfer(view, [view.buffer]));
    assert.equal(view.byteLength, 0, `moved at the call, actor alive: ${isAlive}`);
    assert.equal(await size, 1000);
  }
  assert.deepEqual(await actor.movedBytes.remote(), new Uint8Array([1, 2, 3]));
});

test('A6 a full concurrency group delays no other', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  const gate = new Gate();
  const inIo = [actor.inIo.remote(gate.memory), actor.inIo.remote(gate.memory)];
  await gate.arrived(1);
  assert.equal(await actor.runs.remote(), 0, 'the default group goes on');
  assert.equal(gate.arrivals, 1, 'the second call of the group waits');
  gate.open();
  assert.deepEqual(await valuesOf(inIo), ['io', 'io']);
});

test('A6 a call may be put into a group, and an undeclared one is a RangeError at the call or the creation', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  const gate = new Gate();
  const first = actor.inIo.remote(gate.memory);
  const second = actor.waitAt.options({ concurrencyGroup: 'io' }).remote(gate.memory);
  await gate.arrived(1);
  assert.equal(await actor.runs.remote(), 0, 'the group holds the second call back');
  gate.open();
  assert.deepEqual(await valuesOf([first, second]), ['io', 'through']);
  assert.throws(() => actor.runs.options({ concurrencyGroup: 'oi' }).remote(), {
    name: 'RangeError',
    message: /"oi": expected one of "io"/,
  });
  assert.throws(() => AllTrades.remote(), {
    name: 'RangeError',
    message: /method "inIo" is in concurrency group "io"/,
  });
});

test('A7 a thrown error of a listed class is retried, another is not, and the retries run out', async () => {
  await using _ = await RuntimeHarness.start();
  const retried = AllTrades.options(withIo).remote();
  assert.equal(await retried.flaky.remote(2, 'range'), 3);
  const other = AllTrades.options(withIo).remote();
  assert.ok((await failureOf(other.flaky.remote(1, 'type'))).cause instanceof TypeError);
  assert.equal(await other.runs.remote(), 1);
  const out = AllTrades.options(withIo).remote();
  assert.ok((await failureOf(out.flaky.remote(9, 'range'))).cause instanceof RangeError);
  assert.equal(await out.runs.remote(), 3, 'once and two retries');
  const without = AllTrades.options(withIo).remote();
  await failureOf(without.flaky.options({ maxTaskRetries: 0 }).remote(9, 'range'));
  assert.equal(await without.runs.remote(), 1, 'an option of the call goes before that of the method');
});

test('T9 numReturns gives that many refs, none for 0, and fails all for another length', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  assert.deepEqual(await valuesOf(actor.list.options({ numReturns: 3 }).remote(3)), [0, 1, 2]);
  assert.equal(actor.list.options({ numReturns: 0 }).remote(3), undefined);
  for (const ref of actor.list.options({ numReturns: 2 }).remote(3)) {
    assert.match((await failureOf(ref)).message, /into 2: it returned a list of 3/);
  }
});

test('A7 an unknown option of a call, or a wrong value, is refused and quoted', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  assert.throws(() => actor.list.options({ numReturn: 1 } as never), { name: 'TypeError', message: /"numReturn"/ });
  assert.throws(() => actor.list.options({ numReturns: -1 }), { name: 'RangeError', message: /-1/ });
  assert.throws(() => actor.list.options({ retryExceptions: ['RangeError'] as never }), {
    name: 'TypeError',
    message: /"RangeError"/,
  });
});

test('T8 a queued call that is cancelled never starts and holds nobody back', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options({ ...withIo, maxConcurrency: 1 }).remote();
  const gate = new Gate();
  const running = actor.waitAt.remote(gate.memory);
  await gate.arrived(1);
  const queued = actor.waitAt.remote(gate.memory);
  const behind = actor.runs.remote();
  await cancel(queued);
  assert.ok((await failureOf(queued)) instanceof TaskCancelledError);
  gate.open();
  assert.deepEqual(await valuesOf([running, behind]), ['through', 1]);
});

test('T8 a call cancelled before it was sent never starts either', async () => {
  await using _ = await RuntimeHarness.start();
  const gate = new Gate();
  const other = AllTrades.options(withIo).remote();
  const unready = other.waitAt.remote(gate.memory);
  const actor = AllTrades.options({ ...withIo, maxConcurrency: 1 }).remote();
  const waiting = actor.print.remote(unready);
  const behind = actor.runs.remote();
  await cancel(waiting);
  assert.ok((await failureOf(waiting)) instanceof TaskCancelledError);
  assert.equal(await behind, 0);
  gate.open();
  await unready;
});

test('T8 a running call sees its signal, and its ref fails when it ends, whatever it returns', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  const gate = new Gate();
  gate.open();
  const running = actor.untilAborted.remote(gate.memory);
  await gate.arrived(1);
  await cancel(running);
  assert.ok((await failureOf(running)) instanceof TaskCancelledError);
});

test('T8 a cancel reaches the calls that the cancelled one made, unless it is told not to', async () => {
  await using _ = await RuntimeHarness.start();
  const [relay, other] = [AllTrades.options(withIo).remote(), AllTrades.options(withIo).remote()];
  const gate = new Gate();
  gate.open();
  const outer = relay.relayUntilAborted.remote(other, gate.memory);
  await gate.arrived(1);
  await cancel(outer);
  assert.ok((await failureOf(outer)) instanceof TaskCancelledError);
});

test('T8 cancelling what has finished does nothing, and force is refused for an actor call', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  const ref = actor.runs.remote();
  assert.equal(await ref, 0);
  await cancel(ref);
  assert.equal(await ref, 0);
  const gate = new Gate();
  const running = actor.waitAt.remote(gate.memory);
  await assert.rejects(cancel(running, { force: true }), { name: 'RangeError' });
  gate.open();
  await running;
});

test('T8 cancelled work is not run again when its actor dies', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options({ ...withIo, maxRestarts: 1, maxTaskRetries: -1 }).remote();
  const gate = new Gate();
  const running = actor.waitAt.remote(gate.memory);
  await gate.arrived(1);
  await cancel(running);
  await kill(actor, { noRestart: false });
  assert.ok((await failureOf(running)) instanceof TaskCancelledError);
  assert.equal(await actor.runs.remote(), 0);
});

test('T5 wait gives what is ready in the order of the list, at most as many as asked for, and the rest', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  const gate = new Gate();
  const refs = [actor.waitAt.remote(gate.memory), actor.waitAt.remote(gate.memory), actor.runs.remote() as never];
  const [ready, rest] = await wait(refs);
  assert.deepEqual(
    [ready, rest].map((list) => list.map((ref) => refs.indexOf(ref))),
    [[2], [0, 1]],
  );
  assert.deepEqual((await wait(refs, { numReturns: 3, timeoutMs: 0 }))[0], [refs[2]]);
  gate.open();
  assert.deepEqual(await wait(refs, { numReturns: 3 }), [refs, []]);
  assert.deepEqual((await wait(refs, { numReturns: 2 }))[0], refs.slice(0, 2), 'of more that are ready, the first');
  assert.deepEqual(await wait([]), [[], []]);
});

test('T5 a ref that stands twice, a count out of range and a negative time are refused', async () => {
  await using _ = await RuntimeHarness.start();
  const ref = AllTrades.options(withIo).remote().runs.remote();
  await assert.rejects(wait([ref, ref]), { name: 'RangeError' });
  await assert.rejects(wait([ref], { numReturns: 2 }), { name: 'RangeError', message: /numReturns 2/ });
  await assert.rejects(wait([ref], { timeoutMs: -1 }), { name: 'RangeError', message: /timeoutMs -1/ });
  await assert.rejects(wait(['x'] as never), { name: 'TypeError' });
  await ref;
});

test('A10 onShutdown is awaited when an actor leaves or its last handle is gone, and not on kill', async () => {
  await using harness = await RuntimeHarness.start();
  const hooks = new Tally(1);
  const leaving = Hooked.remote(hooks.memory);
  assert.ok((await failureOf(leaving.leave.remote())) instanceof ActorDiedError);
  assert.equal(hooks.of(0), 1);

  const killed = Hooked.remote(hooks.memory);
  await killed.call.remote();
  await kill(killed);
  assert.ok((await failureOf(killed.call.remote())) instanceof ActorDiedError);
  assert.equal(hooks.of(0), 1);

  const gone = Promise.withResolvers<void>();
  const released = Hooked.options({ name: 'released' }).remote(hooks.memory);
  await released.call.remote();
  using _watch = harness.runtime.watchActors((row) => {
    if (row.name === 'released' && row.state === 'DEAD') gone.resolve();
  });
  released.release();
  await valuesOf([gone.promise]);
  assert.equal(hooks.of(0), 2);
});

test('A11 each call has an id of its own, and keeps it', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  const [a, b] = await valuesOf([actor.threadContext.remote(), actor.threadContext.remote()]);
  assert.match(a.taskId ?? '', /^task_/);
  assert.notEqual(a.taskId, b.taskId);
  assert.equal(a.workerId, b.workerId);
});

test('A11 the ids of calls in two threads differ', async () => {
  await using _ = await RuntimeHarness.start();
  const options = { ...withIo, isolation: 'thread' } as const;
  const actors = [AllTrades.options(options).remote(), AllTrades.options(options).remote()];
  const [a, b] = await valuesOf(actors.map((actor) => actor.threadContext.remote()));
  assert.notEqual(a!.workerId, b!.workerId);
  assert.notEqual(a!.taskId, b!.taskId);
});

test('F5 what a method with several returns throws fails every ref', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  const refs = actor.flaky.options({ numReturns: 2, maxTaskRetries: 0 }).remote(1, 'type');
  for (const ref of refs as unknown as PromiseLike<unknown>[]) assert.ok((await failureOf(ref)) instanceof TaskError);
});
