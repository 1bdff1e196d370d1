/** Guarantee A12: generators of actors and tasks as streams of refs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActorDiedError,
  cancel,
  kill,
  ObjectRef,
  type ObjectRefGenerator,
  SerializationError,
  TaskCancelledError,
  TaskError,
} from '@heddle/actors';
import { Gate, Tally } from '../support/gate.ts';
import { failureOf, nextTurn, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Consumer, Streamer, streamTask } from './actors/streamer.ts';

async function all<T>(stream: ObjectRefGenerator<T>): Promise<T[]> {
  const values: T[] = [];
  for (let step = await stream.next(); !step.done; step = await stream.next()) values.push(await step.value);
  return values;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test('A12 a generator, async or not, of an actor or a task, gives its items as refs in their order', async () => {
  await using _ = await RuntimeHarness.start();
  const streamer = Streamer.remote();
  assert.deepEqual(await all(streamer.numbers.remote(5_000)), upTo(5_000));
  assert.deepEqual(await all(streamer.later.remote(300)), upTo(300));
  assert.deepEqual(await all(streamTask.remote(300)), upTo(300));
  assert.deepEqual(await all(streamer.numbers.remote(0)), []);
  const items: number[] = [];
  for await (const item of streamer.numbers.remote(3)) {
    assert.ok((item as unknown) instanceof ObjectRef);
    items.push(await item);
  }
  assert.deepEqual(items, [1, 2, 3]);
  assert.equal((await valuesOf([Consumer.remote().sum.remote(streamer as never, 100)]))[0], 5_050);
});

test('A12 an item is there as soon as it was yielded, while the generator goes on', async () => {
  await using _ = await RuntimeHarness.start();
  const [streamer, gate] = [Streamer.remote(), new Gate()];
  const stream = streamer.gated.remote(gate.memory);
  assert.equal(await (await stream.next()).value, 'first');
  await gate.arrived();
  gate.open();
  assert.equal(await (await stream.next()).value, 'second');
  assert.equal((await stream.next()).done, true);
});

test('A12 an error is the last item; an item that cannot be sent ends the stream with its path', async () => {
  await using _ = await RuntimeHarness.start();
  const streamer = Streamer.remote();
  const failing = streamer.failing.remote(2);
  assert.deepEqual([await (await failing.next()).value, await (await failing.next()).value], [1, 2]);
  const error = await failureOf((await failing.next()).value!);
  assert.ok(error instanceof TaskError && error.cause instanceof RangeError);
  assert.equal((await failing.next()).done, true);
  const ends = new Tally(1);
  const unsendable = streamer.unsendable.remote(ends.memory);
  assert.deepEqual(await (await unsendable.next()).value, { n: 1 });
  const refusal = await failureOf((await unsendable.next()).value!);
  assert.ok(refusal instanceof SerializationError && refusal.path === 'an item .callback');
  assert.equal((await unsendable.next()).done, true);
  assert.equal(ends.of(0), 1);
});

test('A12 items are copied as they are yielded; promises are followed; refs inside arrive as refs', async () => {
  await using _ = await RuntimeHarness.start();
  const streamer = Streamer.remote();
  assert.deepEqual(await all(streamer.changing.remote()), [{ n: 1 }, { n: 2 }]);
  assert.deepEqual(await all(streamer.promised.remote()), [1, 2]);
  const [box] = await all(streamer.refs.remote());
  assert.deepEqual(await (box!.ref as ObjectRef), [1]);
});

test('A12 with back-pressure the producer stands still while so many items were yielded and not taken', async () => {
  await using _ = await RuntimeHarness.start();
  const [streamer, tally] = [Streamer.options({ maxConcurrency: 2 }).remote(), new Tally(2)];
  const stream = streamer.endless.options({ generatorBackpressure: 3 }).remote(tally.memory);
  await stream.next();
  for (let taken = 1; taken <= 20; taken++) {
    while (tally.of(0) < taken + 3) await streamer.yielded.remote();
    for (let round = 0; round < 3; round++) await streamer.yielded.remote();
    assert.equal(tally.of(0), taken + 3);
    assert.equal(await (await stream.next()).value, taken + 1);
  }
  await stream.return();
  while (tally.of(1) === 0) await streamer.yielded.remote();
});

test('A12 with a slow consumer of an endless generator the producer stands at its limit, and memory stays flat', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const [bytes, limit, warmUp, items] = [2 ** 20, 4, 50, 500];
  const [streamer, tally] = [Streamer.options({ maxConcurrency: 2 }).remote(), new Tally(1)];
  await using stream = streamer.blocks.options({ generatorBackpressure: limit }).remote(tally.memory, bytes);
  let before = 0;
  for (let taken = 1; taken <= warmUp + items; taken++) {
    const { value } = await stream.next();
    assert.equal((await value!).length, bytes);
    await streamer.yielded.remote(); // The producer has had time for more than it may do.
    assert.ok(tally.of(0) <= taken + limit, `${tally.of(0)} yielded and ${taken} taken`);
    if (taken === warmUp) before = process.memoryUsage.rss();
  }
  const grown = process.memoryUsage.rss() - before;
  assert.ok(grown < 0.3 * items * bytes, `${Math.round(grown / 2 ** 20)} MB more for ${items} items of 1 MB each`);
});

test('A12 an endless generator without a limit of its own stops at the default one, and its actor goes on', async () => {
  await using _ = await RuntimeHarness.start();
  const [streamer, tally] = [Streamer.options({ maxConcurrency: 2 }).remote(), new Tally(2)];
  await using stream = streamer.endless.remote(tally.memory);
  while (tally.of(0) < 10_000) await streamer.yielded.remote();
  for (let round = 0; round < 5; round++) await streamer.yielded.remote();
  assert.equal(tally.of(0), 10_000);
  assert.equal(await (await stream.next()).value, 1);
});

test('A12 leaving the loop, return() and cancel() end the producer, its finally included', async () => {
  await using _ = await RuntimeHarness.start();
  const [streamer, tally] = [Streamer.remote(), new Tally(2)];
  for await (const item of streamer.endless.options({ generatorBackpressure: -1 }).remote(tally.memory))
    if ((await item) === 5) break;
  while (tally.of(1) < 1) await nextTurn();
  const returned = streamer.endless.remote(tally.memory);
  await returned.next();
  assert.equal((await returned.return()).done, true);
  assert.equal((await returned.next()).done, true);
  while (tally.of(1) < 2) await nextTurn();
  const cancelled = streamer.endless.options({ generatorBackpressure: 2 }).remote(tally.memory);
  await cancelled.next();
  await cancel(cancelled);
  while (tally.of(1) < 3) await nextTurn();
  let last: Error | undefined;
  for (let step = await cancelled.next(); !step.done; step = await cancelled.next())
    last = await step.value.then(
      () => undefined,
      (error: unknown) => error as Error,
    );
  assert.ok(last instanceof TaskCancelledError);
});

test('A12 a stream whose actor dies ends with that; one that may run again goes on where it was', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const runs = new Tally(2);
  const mortal = Streamer.remote();
  const stream = mortal.endless.options({ generatorBackpressure: 2 }).remote(runs.memory);
  await stream.next();
  await kill(mortal);
  let last: unknown;
  for (let step = await stream.next(); !step.done; step = await stream.next())
    last = await step.value.then(
      () => undefined,
      (error: unknown) => error,
    );
  assert.ok(last instanceof ActorDiedError && last.began);
  const again = new Tally(1);
  const survivor = Streamer.options({ maxRestarts: 1, maxTaskRetries: 1 }).remote();
  assert.deepEqual(await all(survivor.dying.options({ generatorBackpressure: 2 }).remote(again.memory, 5, 9)), upTo(9));
  assert.equal(again.of(0), 2);
});

test('A12 after return() no item follows, though they have all arrived', async () => {
  await using _ = await RuntimeHarness.start();
  const streamer = Streamer.remote();
  const stream = streamer.numbers.remote(3);
  await (await stream.next()).value;
  await all(streamer.numbers.remote(3)); // It came after the first one on the same link.
  await stream.return();
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
});

test('A12 a generator cannot be passed on, and numReturns is not for it', async () => {
  await using _ = await RuntimeHarness.start();
  const streamer = Streamer.remote();
  const error = await failureOf(streamer.take.remote({ box: [streamer.numbers.remote(1)] } as never));
  assert.ok(error instanceof SerializationError && error.path === 'argument 1 .box[0]');
  assert.throws(() => streamer.numbers.options({ numReturns: 2 }).remote(3), /numReturns 2/);
  assert.throws(() => structuredClone(streamer.numbers.remote(1)), { name: 'DataCloneError' });
});

test('A12 a stream that is dropped is cancelled when it is collected', async () => {
  await using _ = await RuntimeHarness.start({ objectStoreBytes: 1 });
  const [streamer, tally] = [Streamer.remote(), new Tally(2)];
  const begin = async (): Promise<void> => {
    await streamer.endless.options({ generatorBackpressure: 2 }).remote(tally.memory).next();
  };
  await begin();
  const { put } = await import('@heddle/actors');
  while (tally.of(1) === 0) {
    assert.throws(() => put('more than a byte')); // A full store collects the garbage of this thread.
    await nextTurn();
  }
});
