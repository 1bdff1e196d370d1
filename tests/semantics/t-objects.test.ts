/** Guarantees T3, T4 and T10, as far as they exist now: refs and their values. On real threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetTimeoutError, get, ObjectRef, SerializationError, TaskError } from '@heddle/actors';
import { Gate } from '../support/gate.ts';
import { failureOf, RuntimeHarness, settled, valuesOf } from '../support/runtime-harness.ts';
import { AsyncBlocker } from './actors/blocker.ts';
import { Careless } from './actors/careless.ts';
import { Counter } from './actors/counter.ts';
import { Keeper } from './actors/keeper.ts';
import { Caller, Recorder } from './actors/recorder.ts';
import { Relay } from './actors/relay.ts';

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

test('T3 a ref inside a value is refused with its path for as long as it cannot be passed on', async () => {
  await using _ = await RuntimeHarness.start();
  const [counter, keeper] = [Counter.remote(), Keeper.remote()];
  const error = await failureOf(keeper.keep.remote({ box: [counter.value.remote()] }));
  assert.ok(error instanceof SerializationError);
  assert.equal(error.path, 'argument 1 .box[0]');
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

test('neither a ref nor a handle can be cloned by accident', async () => {
  await using _ = await RuntimeHarness.start();
  const counter = Counter.remote();
  assert.throws(() => structuredClone(counter), { name: 'DataCloneError' });
  assert.throws(() => structuredClone(counter.value.remote()), { name: 'DataCloneError' });
  assert.ok(counter.value.remote() instanceof ObjectRef);
});
