/** Guarantees T3 to T5 and T7 to T11, as far as they exist now: refs and their values. On real threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ActorHandle,
  cancel,
  GetTimeoutError,
  get,
  ObjectRef,
  ObjectStoreFullError,
  OwnerDiedError,
  put,
  SerializationError,
  TaskCancelledError,
  TaskError,
  wait,
} from '@heddle/actors';
import { Gate, Tally } from '../support/gate.ts';
import { runProgram } from '../support/run-program.ts';
import { failureOf, RuntimeHarness, settled, valuesOf } from '../support/runtime-harness.ts';
import { AsyncBlocker, SlowStarter } from './actors/blocker.ts';
import { Cancellable } from './actors/cancellable.ts';
import { Careless } from './actors/careless.ts';
import { Counter } from './actors/counter.ts';
import { Grouped } from './actors/grouped.ts';
import { Holder } from './actors/holder.ts';
import { Keeper } from './actors/keeper.ts';
import { Caller, Recorder } from './actors/recorder.ts';
import { Relay } from './actors/relay.ts';
import { AsyncStoring, Storing, StoringCaller } from './actors/storing.ts';

// ── T3 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('T3 refs at the top of the arguments are resolved before the call runs', async () => {
  await using _ = await RuntimeHarness.start();
  const [counter, keeper, careless] = [Counter.remote(3), Keeper.remote(), Careless.remote()];
  const value = counter.value.remote();
  await keeper.keep.remote(value, 'between', counter.increment.remote(4), keeper.echo.remote({ deep: [1] }) as never);
  assert.deepEqual(await keeper.kept.remote(), [3, 'between', 7, { deep: [1] }]);
  assert.equal(await careless.isRef.remote(value), false);
  assert.deepEqual(await Keeper.remote(value, counter.value.remote()).kept.remote(), [3, 7]);
});

test('T3 what stands beside a ref is taken as it is at the call, and each call gets its own', async () => {
  await using _ = await RuntimeHarness.start();
  const [source, keeper] = [AsyncBlocker.remote(), Keeper.remote()];
  const gate = new Gate();
  const object = { n: 0 };
  const refs = [
    keeper.keep.remote(object, source.wait.remote(gate.memory, 'late')),
    keeper.keep.remote(object, source.wait.remote(gate.memory, { n: 5 })),
  ];
  object.n = 1;
  gate.open();
  await valuesOf(refs);
  await keeper.change.remote(0);
  assert.deepEqual(await keeper.kept.remote(), [{ n: 1 }, 'late', { n: 0 }, { n: 5 }]);
});

test('T3 a failed argument fails the call with the same error, and the constructor it was for', async () => {
  await using _ = await RuntimeHarness.start();
  const [counter, keeper] = [Counter.remote(), Keeper.remote()];
  const failing = counter.fail.remote('as an argument');
  const used = keeper.keep.remote('fine', failing);
  const error = await failureOf(failing);
  assert.ok(error instanceof TaskError);
  assert.equal(await failureOf(used), error);
  assert.equal(await failureOf(keeper.keep.remote(failing)), error, 'also when it had failed already');
  assert.equal((await failureOf(Keeper.remote(failing).kept.remote())).cause, error);
  assert.deepEqual(await keeper.kept.remote(), []);
});

test('T3 the value of a ref that cannot be sent on fails the call that needs it', async () => {
  await using _ = await RuntimeHarness.start();
  const keeper = Keeper.remote();
  const ref = keeper.echo.remote({ n: 1 }) as ObjectRef<{ n: unknown }>;
  const value = await ref;
  value.n = () => {};
  const error = await failureOf(keeper.keep.remote(ref));
  assert.ok(error instanceof SerializationError);
  assert.equal(error.path, 'argument 1 .n');
});

test('T3 refs inside a value arrive as refs, at any depth, and give the same value', async () => {
  await using _ = await RuntimeHarness.start();
  const [source, gate] = [AsyncBlocker.remote(), new Gate()];
  const [first, second] = [Holder.remote(), Holder.options({ isolation: 'thread' }).remote()];
  const [late, failing, stored] = [
    source.wait.remote(gate.memory, 'late'),
    Counter.remote().fail.remote('x'),
    put({ n: 1 }),
  ];
  assert.equal(await first.hold.remote({ refs: [late, stored, 'no ref'] }), 2);
  assert.equal(await second.hold.remote({ refs: [failing] }), 1);
  const all = first.readAll.remote();
  gate.open();
  assert.deepEqual(await all, ['late', { n: 1 }]);
  assert.equal(await second.failureOfFirst.remote(), 'TaskError');
});

test('T3 a ref that comes home is the very ref that left; a borrowed one is passed on, and read where it arrives', async () => {
  await using _ = await RuntimeHarness.start();
  const [first, second] = [Holder.remote(), Holder.options({ isolation: 'thread' }).remote()];
  const ref = put([1, 2, 3]);
  await first.hold.remote({ refs: [ref] });
  const { refs } = await first.give.remote();
  assert.equal(refs[0], ref);
  await first.passOn.remote(second as never);
  assert.deepEqual(await second.readAll.remote(), [[1, 2, 3]]);
  assert.equal(await second.areFresh.remote(), true);
});

// ── T6, T7 ─────────────────────────────────────────────────────────────────────────────────────────────────

test('T6 put stores a copy, and each reading gives a fresh one', async () => {
  await using _ = await RuntimeHarness.start();
  const value = { n: 1, when: new Date(5), deep: [new Map([['a', { b: 1 }]])] };
  const ref = put(value);
  value.n = 2;
  const [first, second] = [await ref, await ref];
  assert.deepEqual(first, { n: 1, when: new Date(5), deep: [new Map([['a', { b: 1 }]])] });
  assert.deepEqual(first, second);
  assert.ok(first !== second && first.when !== second.when && first.deep[0] !== second.deep[0]);
  assert.deepEqual(await Keeper.remote().echo.remote(ref), first);
});

test('T6 binary data are shared and not copied: what one thread reads is the memory of the other', async () => {
  await using _ = await RuntimeHarness.start();
  const numbers = new Float64Array(1_000).fill(1);
  const ref = put(numbers);
  numbers.fill(7);
  const holder = Holder.remote();
  assert.equal(await holder.sum.remote({ ref }), 1_000);
  await holder.write.remote({ ref }, 0, 2); // Against the convention: only to see that it is the same memory.
  assert.equal((await ref)[0], 2);
  const inside = await put({
    bytes: new Uint8Array([1, 2]),
    buffer: new ArrayBuffer(8),
    view: new DataView(new ArrayBuffer(4)),
  });
  assert.ok(inside.bytes.buffer instanceof SharedArrayBuffer && inside.view.buffer instanceof SharedArrayBuffer);
  assert.equal(inside.buffer.byteLength, 8);
});

test('T6 memory of a released value is used again only if nobody has seen the value', async () => {
  await using _ = await RuntimeHarness.start();
  const filledWith = (fill: number) => new Float64Array(100_000).fill(fill);
  const isFilledWith = (value: Float64Array, fill: number) =>
    value.length === 100_000 && value.every((n) => n === fill);
  const readHere = put(filledWith(1));
  const here = await readHere;
  const sent = put(filledWith(2));
  const there = (await Keeper.remote().echo.remote(sent)) as Float64Array;
  readHere.release();
  sent.release();
  put(filledWith(3)).release();
  const late = put(filledWith(4));
  const waiting = late.toPromise();
  late.release();
  const refs = Array.from({ length: 4 }, (_, at) => put(filledWith(5 + at)));
  for (const [at, ref] of refs.entries()) assert.ok(isFilledWith(await ref, 5 + at));
  assert.ok(isFilledWith(here, 1));
  assert.ok(isFilledWith(there, 2));
  await waiting.then(
    (value) => assert.ok(isFilledWith(value, 4)),
    (error: unknown) => assert.ok(error instanceof TypeError),
  );
});

test('T6 a ref is not put, nor what cannot be sent', async () => {
  await using _ = await RuntimeHarness.start();
  assert.throws(() => put(put(1)), TypeError);
  assert.throws(
    () => put({ a: [() => {}] }),
    (error: unknown) => error instanceof SerializationError && error.path === 'the value .a[0]',
  );
});

test('T6 beyond its byte limit the store is full, until something is released', async () => {
  await using harness = await RuntimeHarness.start({ objectStoreBytes: 3_000_000 });
  const megabyte = new Uint8Array(1_000_000);
  const refs = [put(megabyte), put(megabyte)];
  assert.throws(() => put(megabyte).release() ?? put(new Uint8Array(2_000_000)), ObjectStoreFullError);
  assert.equal(harness.runtime.stats().objects, 2);
  refs[0]!.release();
  using third = put(new Uint8Array(1_500_000));
  assert.equal((await third).length, 1_500_000);
  await assert.rejects(async () => await refs[0], TypeError);
  assert.equal((await refs[1]!).length, 1_000_000);
});

test('T6 a collection frees what nobody has a ref to, before the store is called full', async () => {
  await using _ = await RuntimeHarness.start({ objectStoreBytes: 5_000_000 });
  for (let round = 0; round < 20; round++) {
    put(new Uint8Array(1_000_000));
    await new Promise(setImmediate); // A ref made in this turn is alive until its end.
  }
});

test('T6 a gigabyte in pieces of 64 MB passes through the store in bounded memory when it is released, and else fills it', async () => {
  await using harness = await RuntimeHarness.start({ objectStoreBytes: 256 * 2 ** 20 });
  const holder = Holder.remote();
  const piece = new Float64Array(8 * 2 ** 20).fill(1);
  const before = process.memoryUsage.rss();
  let most = 0;
  for (let round = 0; round < 16; round++) {
    using ref = put(piece);
    assert.deepEqual((await valuesOf([holder.edges.remote({ ref })]))[0], [1, 1]);
    most = Math.max(most, process.memoryUsage.rss() - before);
  }
  assert.ok(most < 512 * 2 ** 20, `${Math.round(most / 2 ** 20)} MB more than before`);
  assert.equal(harness.runtime.stats().objects, 0);
  const kept: ObjectRef[] = [];
  assert.throws(() => {
    for (let round = 0; round < 16; round++) kept.push(put(piece));
  }, ObjectStoreFullError);
  assert.equal(kept.length, 3);
  for (const ref of kept) ref.release();
  using after = put(piece);
  assert.deepEqual((await valuesOf([holder.edges.remote({ ref: after })]))[0], [1, 1]);
});

test('T7 an object lives while any thread has a ref to it, and is freed with the last', async () => {
  await using harness = await RuntimeHarness.start();
  const [first, second] = [Holder.remote(), Holder.options({ isolation: 'thread' }).remote()];
  const ref = put(new Uint8Array(1_000));
  await first.hold.remote({ refs: [ref] });
  await first.passOn.remote(second as never);
  ref.release();
  await first.releaseAll.remote();
  assert.deepEqual(await second.readAll.remote(), [new Uint8Array(1_000)]);
  assert.equal(harness.runtime.stats().objects, 1);
  await second.releaseAll.remote();
  await second.readAll.remote(); // What the thread gave back came before this answer.
  assert.equal(harness.runtime.stats().objects, 0);
  assert.equal(harness.runtime.stats().objectBytes, 0);
});

test('T7 a ref that is collected in another thread is given back', async () => {
  await using harness = await RuntimeHarness.start({ objectStoreBytes: 1_000_000 });
  const holder = Holder.remote();
  const ref = put(new Uint8Array(900_000));
  await holder.hold.remote({ refs: [ref] });
  await holder.forgetAll.remote();
  ref.release();
  assert.throws(() => put(new Uint8Array(900_000)), ObjectStoreFullError); // This asks the other threads for a collection.
  while (harness.runtime.stats().objects > 0) await holder.forgetAll.remote();
});

test('T7 the value of an owner that is gone is lost, unless it was here already', async () => {
  await using harness = await RuntimeHarness.start();
  const owner = Holder.options({ isolation: 'thread' }).remote();
  const [taken, lost] = [await owner.make.remote({ a: 1 }), await owner.make.remote({ b: 2 })];
  assert.deepEqual(await taken.ref, { a: 1 });
  await harness.runtime.terminateWorker(harness.workerIds[0]!);
  const error = await failureOf(lost.ref);
  assert.ok(error instanceof OwnerDiedError);
  assert.deepEqual(await taken.ref, { a: 1 });
  assert.equal(harness.runtime.stats().objects, 0);
});

// ── T4 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('T4 get gives one value for a ref, and several in their order', async () => {
  await using _ = await RuntimeHarness.start();
  const [counter, source] = [Counter.remote(), AsyncBlocker.remote()];
  const gate = new Gate();
  const slow = source.wait.remote(gate.memory, 'slow') as ObjectRef<string>;
  const all = get([slow, counter.increment.remote(), counter.increment.remote()]);
  gate.open();
  assert.deepEqual(await all, ['slow', 1, 2]);
  assert.equal(await get(counter.value.remote()), 2);
  assert.deepEqual(await get([]), []);
});

test('T4 get fails as soon as one has failed; of several that have failed the first in the list counts', async () => {
  await using _ = await RuntimeHarness.start();
  const [counter, source] = [Counter.remote(), AsyncBlocker.remote()];
  const gate = new Gate();
  const pending = source.wait.remote(gate.memory);
  const [first, second] = [counter.fail.remote('first'), counter.fail.remote('second')];
  assert.match((await failureOf(get([pending, second]))).message, /second/);
  await settled([first, second]);
  assert.match((await failureOf(get([pending, second, first]))).message, /second/);
  assert.match((await failureOf(get([first, second]))).message, /first/);
  gate.open();
  await pending;
});

test('T4 at the deadline get throws GetTimeoutError, and 0 is now or never', async () => {
  await using _ = await RuntimeHarness.start();
  const source = AsyncBlocker.remote();
  const gate = new Gate();
  const [here, pending] = [source.ready.remote(), source.wait.remote(gate.memory, 'late')];
  await here;
  const error = await failureOf(get([here, pending], { timeoutMs: 1 }));
  assert.ok(error instanceof GetTimeoutError);
  assert.equal(error.message, 'Cannot get a value within 1 ms: still pending');
  assert.ok((await failureOf(get(pending, { timeoutMs: 0 }))) instanceof GetTimeoutError);
  assert.deepEqual(await get([here], { timeoutMs: 0 }), [true]);
  gate.open();
  assert.equal(await get(pending, { timeoutMs: 60_000 }), 'late');
});

test('T4 what is no ref and what is no time is refused and quoted', async () => {
  await assert.rejects(get([1] as never), { name: 'TypeError', message: /^Cannot get 1: expected an ObjectRef/ });
  await assert.rejects(get([], { timeoutMs: -1 }), { name: 'RangeError', message: /with timeoutMs -1: / });
  await assert.rejects(get([], { timeoutMs: 'soon' } as never), {
    name: 'TypeError',
    message: /with timeoutMs "soon"/,
  });
  await assert.rejects(get([], { timeout: 1 } as never), { name: 'TypeError', message: /with option "timeout"/ });
});

test('T4 a ref is awaited as often as one likes and always gives the same value or failure', async () => {
  await using _ = await RuntimeHarness.start();
  const keeper = Keeper.remote();
  const ref = keeper.echo.remote({ n: 1 });
  const early = ref.then((value) => value);
  assert.equal(await ref, await ref);
  assert.equal(await early, await ref.toPromise());
  const failing = keeper.unsendable.remote();
  assert.equal(await failureOf(failing), await failureOf(failing));
});

test('T4 then behaves as a promise’s: what a handler returns or throws goes on, and nothing runs inside the call', async () => {
  await using _ = await RuntimeHarness.start();
  const counter = Counter.remote(1);
  const ref = counter.value.remote();
  assert.equal(await ref.then((value) => value + 1).then((value) => value * 10), 20);
  await assert.rejects(
    async () =>
      await ref.then(() => {
        throw new RangeError('of the handler');
      }),
    RangeError,
  );
  const order: string[] = [];
  const done = ref.then(() => order.push('handler'));
  order.push('after then');
  await done;
  assert.deepEqual(order, ['after then', 'handler']);
  assert.equal(await counter.fail.remote('x').then(null, () => 'handled'), 'handled');
  assert.equal(await ref.then(), 1);
});

// ── T5 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('T5 wait gives what is ready and the rest, in input order, at most as many as asked for', async () => {
  await using _ = await RuntimeHarness.start();
  const [counter, source] = [Counter.remote(), AsyncBlocker.remote()];
  const gate = new Gate();
  const slow = source.wait.remote(gate.memory, 'slow');
  const [first, failing, last] = [
    counter.value.remote(),
    counter.fail.remote('counts as ready'),
    counter.value.remote(),
  ];
  await settled([first, failing, last]);
  assert.deepEqual(await wait([slow, first, failing, last]), [[first], [slow, failing, last]]);
  assert.deepEqual(await wait([slow, last, failing, first], { numReturns: 2 }), [
    [last, failing],
    [slow, first],
  ]);
  assert.deepEqual(await wait([slow, first], { numReturns: 2, timeoutMs: 1 }), [[first], [slow]]);
  assert.deepEqual(await wait([slow], { timeoutMs: 0 }), [[], [slow]]);
  const all = wait([slow, first], { numReturns: 2 });
  gate.open();
  assert.deepEqual(await all, [[slow, first], []]);
  assert.deepEqual(await wait([]), [[], []]);
});

test('T5 duplicates, a bad count, a negative time and what is no ref are refused', async () => {
  await using _ = await RuntimeHarness.start();
  const ref = Counter.remote().value.remote();
  await assert.rejects(wait([ref, ref]), { name: 'RangeError', message: /twice/ });
  await assert.rejects(wait([ref], { numReturns: 0 }), { name: 'RangeError', message: /with numReturns 0: / });
  await assert.rejects(wait([ref], { numReturns: 2 }), { name: 'RangeError', message: /with numReturns 2: / });
  await assert.rejects(wait([ref], { timeoutMs: -1 }), { name: 'RangeError', message: /with timeoutMs -1: / });
  await assert.rejects(wait([1] as never), TypeError);
  await assert.rejects(wait(ref as never), TypeError);
});

// ── T8 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('T8 a queued call that is cancelled never starts and holds nobody back', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const actor = Cancellable.options({ maxConcurrency: 1 }).remote();
  const [gate, running, queued] = [new Gate(), new Tally(2), new Tally(2)];
  const first = actor.run.remote(gate.memory, running.memory);
  const second = actor.run.remote(gate.memory, queued.memory);
  const third = actor.isAborted.remote();
  await gate.arrived();
  await cancel(second);
  const error = await failureOf(second);
  assert.ok(error instanceof TaskCancelledError);
  gate.open();
  assert.equal(await first, 'through');
  assert.equal(await third, false);
  assert.equal(queued.of(0), 0);
});

test('T8 a running call sees its signal, and its ref fails when it ends, whatever it returns or throws', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const actor = Cancellable.options({ maxRestarts: 1, maxTaskRetries: -1 }).remote();
  const [never, gate, tally] = [new Gate(), new Gate(), new Tally(2)];
  const running = actor.run.remote(never.memory, tally.memory);
  const throwing = actor.throwWhenCancelled.remote(gate.memory);
  await valuesOf([never.arrived(), gate.arrived()]);
  await cancel(running);
  await cancel(throwing);
  assert.ok((await failureOf(running)) instanceof TaskCancelledError);
  assert.equal(throwing.isSettled, false, 'it has not ended');
  gate.open();
  assert.ok((await failureOf(throwing)) instanceof TaskCancelledError);
  assert.deepEqual([tally.of(0), tally.of(1)], [1, 1]);
  never.open();
});

test('T8 the calls that a cancelled one has made are cancelled too, unless told otherwise', async () => {
  await using _ = await RuntimeHarness.start({ workers: 2 });
  const [parent, child] = [Cancellable.remote(), Cancellable.remote()];
  for (const recursive of [true, false]) {
    const [gate, tally] = [new Gate(), new Tally(2)];
    const ref = parent.runChild.remote(child, gate.memory, tally.memory);
    await gate.arrived();
    await cancel(ref, { recursive });
    await parent.isAborted.remote(); // Behind the cancel on the same way: it has been seen.
    if (!recursive) gate.open();
    assert.ok((await failureOf(ref)) instanceof TaskCancelledError);
    assert.equal(tally.of(1), recursive ? 1 : 0);
    gate.open();
  }
});

test('T8 a call cancelled before it was sent never starts: its actor does not live, or an argument is not ready', async () => {
  await using _ = await RuntimeHarness.start({ workers: 2 });
  const [gate, tally] = [new Gate(), new Tally(2)];
  const starter = SlowStarter.remote(gate.memory, 'value');
  const early = starter.value.remote();
  const later = starter.value.remote();
  await cancel(early);
  assert.ok((await failureOf(early)) instanceof TaskCancelledError);
  const [source, actor] = [AsyncBlocker.remote(), Cancellable.remote()];
  const unready = actor.run.remote(source.wait.remote(gate.memory) as never, tally.memory);
  await cancel(unready);
  assert.ok((await failureOf(unready)) instanceof TaskCancelledError);
  gate.open();
  assert.equal(await later, 'value');
  assert.equal(await actor.isAborted.remote(), false);
  assert.equal(tally.of(0), 0);
});

test('T8 cancelled work is not run again after a death', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const actor = Cancellable.options({ maxRestarts: -1, maxTaskRetries: -1 }).remote();
  const [gate, tally] = [new Gate(), new Tally(2)];
  const running = actor.throwWhenCancelled.remote(gate.memory);
  const other = actor.run.remote(gate.memory, tally.memory);
  await gate.arrived(2);
  await cancel(running);
  await actor.isAborted.remote();
  await harness.terminateOnly();
  assert.ok((await failureOf(running)) instanceof TaskCancelledError);
  gate.open();
  assert.equal(await other, 'through');
  assert.equal(tally.of(0), 2);
});

test('T8 cancelling what has finished does nothing, force is for tasks, and what is no ref is refused', async () => {
  await using _ = await RuntimeHarness.start();
  const counter = Counter.remote(3);
  const ref = counter.value.remote();
  assert.equal(await ref, 3);
  await cancel(ref);
  assert.equal(await ref, 3);
  await assert.rejects(cancel(counter.value.remote(), { force: true }), { name: 'RangeError', message: /force true/ });
  await assert.rejects(cancel({} as never), TypeError);
});

// ── T9 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('T9 numReturns gives so many refs, and none gives nothing to wait for', async () => {
  await using _ = await RuntimeHarness.start();
  const grouped = Grouped.options({ concurrencyGroups: { io: 1 } }).remote();
  const [first, second] = grouped.pair.remote('a', { b: 1 }) as unknown as [ObjectRef, ObjectRef];
  assert.deepEqual(await valuesOf([second, first]), [{ b: 1 }, 'a']);
  const three = grouped.several.options({ numReturns: 3 }).remote(1, 2, 3) as unknown as ObjectRef[];
  assert.deepEqual(await valuesOf(three), [1, 2, 3]);
  assert.equal(grouped.none.remote(), undefined);
  assert.equal(await grouped.ran.remote(), 1);
});

test('T9 a result of another length fails every ref', async () => {
  await using _ = await RuntimeHarness.start();
  const grouped = Grouped.options({ concurrencyGroups: { io: 1 } }).remote();
  for (const values of [[1], [1, 2, 3]]) {
    const refs = grouped.several.options({ numReturns: 2 }).remote(...values) as unknown as ObjectRef[];
    assert.equal(refs.length, 2);
    for (const ref of refs)
      assert.match((await failureOf(ref)).message, /Grouped\.several into 2: it returned a list of/);
  }
  const failing = grouped.flaky.options({ numReturns: 2, maxTaskRetries: 0 }).remote(2, 'type');
  for (const ref of failing as unknown as ObjectRef[]) assert.match((await failureOf(ref)).message, /TypeError: no/);
});

// ── T7, T10 ────────────────────────────────────────────────────────────────────────────────────────────────

test('T7 a failed ref that nobody looks at is silent', async () => {
  await using _ = await RuntimeHarness.start();
  const counter = Counter.remote();
  for (let call = 0; call < 100; call++) counter.fail.remote('unseen');
  assert.equal(await counter.value.remote(), 0);
});

test('T10 a method that returns a promise or a ref yields its value, also through several actors', async () => {
  await using _ = await RuntimeHarness.start();
  const recorder = Recorder.remote();
  const caller = Caller.remote(recorder);
  await caller.note.remote(['a', { b: 1 }]);
  assert.deepEqual(await caller.answers.remote(), ['a', { b: 1 }]);
});

test('T10 a handle is never thenable', async () => {
  await using _ = await RuntimeHarness.start();
  const relay = Relay.remote();
  const own = await relay.makeOwn.remote(1);
  assert.equal('then' in own, false);
  assert.equal(await own.value.remote(), 1);
});

for (const workers of [1, 3]) {
  test(`T10 asynchronous storage of a caller does not cross a call, and stays with the caller, on ${workers} threads`, async () => {
    await using _ = await RuntimeHarness.start({ workers });
    const others = [Storing.remote() as unknown as ActorHandle<typeof AsyncStoring>, AsyncStoring.remote()];
    const caller = StoringCaller.remote();
    const [before, ...rest] = await caller.callAll.remote(others);
    assert.equal(before, 'of the caller');
    assert.equal(rest.pop(), 'of the caller');
    assert.deepEqual(rest, new Array(4).fill(undefined));
    assert.deepEqual(await caller.makeAndCall.remote(), new Array(3).fill(undefined));
  });
}

test('neither a ref nor a handle can be cloned by accident', async () => {
  await using _ = await RuntimeHarness.start();
  const counter = Counter.remote();
  assert.throws(() => structuredClone(counter), { name: 'DataCloneError' });
  assert.throws(() => structuredClone(counter.value.remote()), { name: 'DataCloneError' });
  assert.ok(counter.value.remote() instanceof ObjectRef);
});

// ── T11 ────────────────────────────────────────────────────────────────────────────────────────────────────

test('T11 what an actor prints arrives whole, prefixed with who printed it, also just before a death', async () => {
  const { stdout, stderr } = await runProgram('prints');
  assert.deepEqual(
    stdout.split('\n').map((line) => line.replace(/thread=\d+/, 'thread=N')),
    [
      '(Talker talker thread=N) one',
      '(Talker talker thread=N) two',
      '(Talker talker thread=N) three',
      '(worker thread=N) in a getter', // A result is read when its call is over.
      '(Talker talker thread=N) the last words',
      '{"first":1,"second":2,"third":{"deep":3}}',
      '',
    ],
  );
  assert.match(stderr, /^\(Talker talker thread=\d+\) careful\n$/);
});

test('T11 logToDriver false keeps it to the state API', async () => {
  assert.deepEqual(await runProgram('prints-nothing'), { code: 0, stdout: '', stderr: '' });
});
