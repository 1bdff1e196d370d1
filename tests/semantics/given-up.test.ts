/** Guarantees T7, N3, T3 where the program gives up a ref or a handle that something else still has. On real threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ActorHandle, cancel, get, type ObjectRef, ObjectStoreFullError, put } from '@heddle/actors';
import { Gate } from '../support/gate.ts';
import { failureOf, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { AsyncBlocker } from './actors/blocker.ts';
import { Counter } from './actors/counter.ts';
import { Holder } from './actors/holder.ts';
import { Keeper } from './actors/keeper.ts';
import { echo } from './actors/tasks.ts';

type Box<T> = { readonly ref: ObjectRef<T> };

test('T7 a ref inside the arguments of a call may be released as soon as the call is made', async () => {
  await using harness = await RuntimeHarness.start();
  const [gate, keeper, holder] = [new Gate(), Keeper.remote(), Holder.remote()];
  const source = AsyncBlocker.remote();
  const late = put('late');
  const waiting = echo.remote({ late });
  late.release();
  assert.equal(await ((await waiting) as { late: ObjectRef<string> }).late, 'late', 'a task that had no thread yet');
  const [value, pending] = [put(7), source.wait.remote(gate.memory, 8)];
  const held = holder.hold.remote({ refs: [value, pending] });
  value.release();
  pending.release();
  gate.open();
  assert.equal(await held, 2);
  assert.deepEqual(await holder.readAll.remote(), [7, 8]);
  const beside = put('beside');
  const unready = keeper.keep.remote(source.wait.remote(gate.memory, 'first') as never, { beside });
  beside.release();
  await unready;
  const [, kept] = (await keeper.kept.remote()) as [string, { beside: ObjectRef<string> }];
  assert.equal(await kept.beside, 'beside');
  kept.beside.release();
  await holder.releaseAll.remote();
  assert.ok(harness.runtime.stats().objects >= 1, 'the keeper has it');
});

test('T7 what was released while a call had it is freed when the call is over', async () => {
  await using harness = await RuntimeHarness.start();
  const [gate, holder, blocker] = [new Gate(), Holder.remote(), AsyncBlocker.remote()];
  const value = put(new Uint8Array(1_000));
  const never = Keeper.remote().keep.remote(blocker.wait.remote(gate.memory, 1), { value });
  value.release();
  assert.equal(harness.runtime.stats().objects, 1);
  await cancel(never);
  await failureOf(never);
  assert.deepEqual([harness.runtime.stats().objects, harness.runtime.stats().objectBytes], [0, 0]);
  const numbers = put(new Float64Array([1, 2]));
  const sum = holder.sum.remote({ ref: numbers });
  numbers.release();
  assert.equal(await sum, 3);
  assert.equal(harness.runtime.stats().objectBytes, 0);
  gate.open();
});

test('T7 a ref that comes back after it was released is a new one; the old one stays released', async () => {
  await using harness = await RuntimeHarness.start();
  const [gate, holder, source] = [new Gate(), Holder.remote(), AsyncBlocker.remote()];
  const [value, pending] = [put({ n: 1 }), source.wait.remote(gate.memory, 2)];
  await holder.hold.remote({ refs: [value, pending] });
  value.release();
  pending.release();
  const { refs } = await holder.give.remote();
  const waited = refs[1]!.then((result) => result);
  gate.open();
  assert.deepEqual([await refs[0], await waited, await refs[1]], [{ n: 1 }, 2, 2]);
  assert.notEqual(refs[0], value);
  await assert.rejects(get(value), /released/);
  const again = await holder.give.remote();
  assert.equal(again.refs[0], refs[0], 'the very ref');
  await holder.releaseAll.remote();
  for (const ref of refs) ref.release();
  await holder.readAll.remote();
  assert.equal(harness.runtime.stats().objects, 0);
});

test('T7 a ref inside a value that was put lives as long as that does', async () => {
  await using _ = await RuntimeHarness.start();
  const holder = Holder.remote();
  const inner = put('inner');
  const outer = put({ ref: inner });
  inner.release();
  assert.equal(await (await outer).ref, 'inner');
  assert.equal(await ((await echo.remote(outer)) as Box<string>).ref, 'inner');
  (await outer).ref.release();
  assert.equal(await (await outer).ref, 'inner', 'however often what is read is released');
  await holder.hold.remote({ refs: [outer] });
  outer.release();
  const [box] = (await holder.readAll.remote()) as [Box<string>];
  assert.equal(await box.ref, 'inner');
  box.ref.release();
  await holder.releaseAll.remote();
  await holder.readAll.remote();
});

test('T7 a chain of ten thousand objects, each inside the next, is freed with its end', async () => {
  await using harness = await RuntimeHarness.start();
  let last: ObjectRef = put('first');
  for (let i = 0; i < 10_000; i++) {
    const next = put({ last });
    last.release();
    last = next;
  }
  assert.equal(harness.runtime.stats().objects, 10_001);
  last.release();
  assert.equal(harness.runtime.stats().objects, 0);
});

test('T7 what the store has no room for holds nothing', async () => {
  await using harness = await RuntimeHarness.start({ objectStoreBytes: 1_000 });
  const inner = put(1);
  assert.throws(() => put({ inner, rest: new Uint8Array(2_000) }), ObjectStoreFullError);
  inner.release();
  assert.equal(harness.runtime.stats().objects, 0);
});

test('T7 who waits for a ref is served although it is released before', async () => {
  await using _ = await RuntimeHarness.start();
  const [gate, source, keeper] = [new Gate(), AsyncBlocker.remote(), Keeper.remote()];
  const pending = source.wait.remote(gate.memory, 'there');
  const [waited, got, given] = [pending.then((value) => value), get(pending), keeper.echo.remote(pending)];
  const boxed = echo.remote({ pending }); // Now others may have it too.
  pending.release();
  gate.open();
  assert.deepEqual(await valuesOf([waited, got, given]), ['there', 'there', 'there']);
  assert.equal(await ((await boxed) as { pending: ObjectRef }).pending, 'there');
  const settled = keeper.echo.remote('settled');
  await settled;
  const both = [settled.then((value) => value), get(settled)];
  settled.release();
  assert.deepEqual(await valuesOf(both), ['settled', 'settled']);
});

test('T7 after the end of the runtime a value that was put is gone, and says why; a result that was here stays', async () => {
  await using harness = await RuntimeHarness.start();
  const [stored, result] = [put({ n: 1 }), Counter.remote(3).value.remote()];
  assert.equal(await ((await echo.remote({ result })) as { result: ObjectRef }).result, 3);
  await harness.runtime.shutdown();
  for (const look of [get(stored), stored.toPromise()])
    await assert.rejects(look, { code: 'RUNTIME_CLOSED', message: /the runtime was shut down/ });
  assert.equal(await result, 3);
});

test('T3 a released ref among the arguments fails the call, at once and later, and the program ends', async () => {
  await using harness = await RuntimeHarness.start();
  const keeper = Keeper.remote();
  const [result, value] = [keeper.echo.remote(1), put(2)];
  await result;
  for (const ref of [result, value]) {
    ref.release();
    const call = keeper.echo.remote(ref);
    assert.match((await failureOf(call)).message, /released/);
    assert.match((await failureOf(Keeper.remote(ref).kept.remote())).message, /released/);
  }
  assert.equal(harness.runtime.stats().pendingCalls, 0);
});

test('N3 a handle inside the arguments of a call, or in a value that was put, keeps its actor although it is released', async () => {
  await using _ = await RuntimeHarness.start();
  const [gate, source, keeper] = [new Gate(), AsyncBlocker.remote(), Keeper.remote()];
  const first = Counter.remote(1);
  const waiting = keeper.keep.remote(source.wait.remote(gate.memory, 'late') as never, { first });
  first.release();
  await source.ready.remote();
  gate.open();
  await waiting;
  const [, kept] = (await keeper.kept.remote()) as [string, { first: ActorHandle<typeof Counter> }];
  assert.equal(await kept.first.value.remote(), 1);
  const second = Counter.remote(2);
  const stored = put({ second });
  second.release();
  await source.ready.remote();
  assert.equal(await (await stored).second.value.remote(), 2);
});

test('N3 an actor whose handle went with a call ends when it is released and the call is over', async () => {
  await using harness = await RuntimeHarness.start();
  const [gate, source, keeper] = [new Gate(), AsyncBlocker.remote(), Keeper.remote()];
  const counter = Counter.remote(1);
  const dead = Promise.withResolvers<void>();
  using _watch = harness.runtime.watchActors((row) => {
    if (row.className === 'Counter' && row.state === 'DEAD') dead.resolve();
  });
  const never = keeper.echo.remote(source.wait.remote(gate.memory, 1) as never, ...([{ counter }] as unknown as []));
  counter.release();
  await cancel(never);
  await failureOf(never);
  await valuesOf([dead.promise]);
  gate.open();
});
