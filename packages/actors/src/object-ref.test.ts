import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Continuations, ObjectRef } from './object-ref.ts';

test('a ref settles once', async () => {
  const ref = new ObjectRef();
  ObjectRef.settle(ref, true, 'first', undefined);
  ObjectRef.settle(ref, false, new Error('second'), undefined);
  assert.equal(await ref, 'first');
  assert.equal(ref.failure, undefined);
});

test('what waits runs with the continuations, and never inside the code that settles', () => {
  const ref = new ObjectRef();
  const order: string[] = [];
  ref.then(() => order.push('one'));
  ref.then(() => order.push('two'));
  const continuations = new Continuations();
  ObjectRef.settle(ref, true, 1, continuations);
  order.push('settled');
  continuations.run();
  assert.deepEqual(order, ['settled', 'one', 'two']);
});

test('what a continuation settles runs in the same round', () => {
  const [first, second] = [new ObjectRef(), new ObjectRef()];
  const order: string[] = [];
  const continuations = new Continuations();
  first.then(() => {
    order.push('first');
    ObjectRef.settle(second, true, 2, continuations);
  });
  second.then(() => order.push('second'));
  ObjectRef.settle(first, true, 1, continuations);
  continuations.run();
  assert.deepEqual(order, ['first', 'second']);
});

test('a chain of thens passes values and failures on as a promise does', async () => {
  const [good, bad] = [new ObjectRef<number>(), new ObjectRef<number>()];
  const chains = [
    good.then((value) => value + 1).then((value) => `${value}`),
    good.then().then((value) => value),
    good.then(null, () => 'unused').then((value) => value),
    good.then(() => Promise.resolve('from a promise')),
    bad.then(() => 'unused').then(null, (error) => (error as Error).message),
    bad.then(null, () => undefined).then((value) => value),
  ];
  ObjectRef.settle(good, true, 1, undefined);
  ObjectRef.settle(bad, false, new Error('bad'), undefined);
  assert.deepEqual(await Promise.all(chains), ['2', 1, 1, 'from a promise', 'bad', undefined]);
  await assert.rejects(async () => await bad.then(() => 'unused'), /bad/);
});

test('a failure that nobody looks at passes in silence, a handler that throws does not', async (t) => {
  const unhandled: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => unhandled.push(error));
  t.after(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  const ref = new ObjectRef();
  ref.then(() => {});
  ObjectRef.settle(ref, false, new Error('unseen'), undefined);
  const other = new ObjectRef();
  other.then(() => {
    throw new Error('of the handler');
  });
  ObjectRef.settle(other, true, 1, undefined);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    unhandled.map((error) => (error as Error).message),
    ['of the handler'],
  );
});

test('a ref shows its state and nothing of what is behind it', () => {
  const ref = new ObjectRef<number>();
  ref.origin = { everything: 'the call, its actor and the runtime' };
  assert.equal(inspect(ref), 'ObjectRef(pending)');
  ObjectRef.settle(ref, true, 7, undefined);
  assert.equal(inspect({ ref }), '{ ref: ObjectRef(fulfilled) }');
  ref.release();
  assert.equal(inspect(ref), 'ObjectRef(released)');
});
