import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeferred, ManualClock } from '@heddle/base';
import { Producer } from './producer.ts';

/** What a producer sent, and how its generator ended. */
class Consumer {
  readonly items: unknown[] = [];
  readonly ended = createDeferred<{ isValue: boolean; value: unknown }>();
  readonly producer: Producer;

  constructor(generator: Generator | AsyncGenerator, window = -1) {
    const effects = {
      yielded: (value: unknown) => void this.items.push(value),
      ended: (isValue: boolean, value: unknown) => this.ended.resolve({ isValue, value }),
      run: <T>(action: () => T) => action(),
    };
    this.producer = new Producer(generator, window, effects, new ManualClock());
    this.producer.start();
  }
}

test('a generator that is told to end while it waits is left at its next yield, its finally included', async () => {
  const [reached, gate] = [createDeferred<void>(), createDeferred<void>()];
  const trace: string[] = [];
  async function* waits() {
    try {
      yield 1;
      reached.resolve();
      await gate.promise;
      trace.push('goes on to its next yield');
      yield 2;
      trace.push('never comes here');
    } finally {
      trace.push('finally');
    }
  }
  const consumer = new Consumer(waits());
  await reached.promise;
  consumer.producer.stop();
  gate.resolve();
  assert.deepEqual(await consumer.ended.promise, { isValue: true, value: undefined });
  assert.deepEqual(trace, ['goes on to its next yield', 'finally']);
  assert.deepEqual(consumer.items, [1]);
});

test('a generator that yields in its finally has ended all the same', async () => {
  function* stubborn() {
    try {
      yield 1;
      yield 2;
    } finally {
      yield 3;
    }
  }
  const consumer = new Consumer(stubborn(), 1);
  consumer.producer.stop();
  await consumer.ended.promise;
  assert.deepEqual(consumer.items, [1]);
});

test('it stands still at its window, and goes on when items are taken', async () => {
  const consumer = new Consumer([1, 2, 3, 4, 5].values() as Generator<number>, 2);
  assert.deepEqual(consumer.items, [1, 2]);
  consumer.producer.taken(1);
  assert.deepEqual(consumer.items, [1, 2, 3]);
  consumer.producer.taken(3);
  assert.equal((await consumer.ended.promise).isValue, true);
  assert.deepEqual(consumer.items, [1, 2, 3, 4, 5]);
});

test('what a generator throws ends it, after what it has yielded', async () => {
  function* breaks() {
    yield 1;
    throw new RangeError('broken');
  }
  const consumer = new Consumer(breaks());
  const { isValue, value } = await consumer.ended.promise;
  assert.equal(isValue, false);
  assert.match(String(value), /RangeError: broken/);
  assert.deepEqual(consumer.items, [1]);
});
