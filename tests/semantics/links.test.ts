/** What links promise beyond single calls: credit, fairness, many calls on their way. On real threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessagePort } from 'node:worker_threads';
import { kill } from '@heddle/actors';
import { Gate } from '../support/gate.ts';
import { failureOf, nextTurn, RuntimeHarness, settled, valuesOf } from '../support/runtime-harness.ts';
import { Blocker } from './actors/blocker.ts';
import { Counter } from './actors/counter.ts';
import { Keeper } from './actors/keeper.ts';
import { Mortal } from './actors/mortal.ts';

/** So many batches may be un-consumed in a direction. */
const CREDIT = 8;

/** Counts what this thread posts to other threads, until disposed. */
class PostCount implements Disposable {
  readonly #post = MessagePort.prototype.postMessage;
  posts = 0;
  fields = 0;

  constructor() {
    const count = this;
    const post = this.#post;
    MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown, ...rest: never[]) {
      count.posts++;
      if (Array.isArray(message)) count.fields += message.length;
      return post.call(this, message, ...rest);
    } as typeof post;
  }

  [Symbol.dispose](): void {
    MessagePort.prototype.postMessage = this.#post;
  }
}

test('a flood of batches to a thread that stands still is bounded by credit, and arrives whole when it goes on', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const [blocker, counter] = [Blocker.remote(), Counter.options({ maxPendingCalls: -1 }).remote()];
  await valuesOf([blocker.ready.remote(), counter.value.remote()]);
  const gate = new Gate();
  const blocked = blocker.block.remote(gate.memory, 'through');
  await gate.arrived();

  const total = 100_000; // More than there are slots on a link.
  const refs: PromiseLike<number>[] = [];
  {
    using count = new PostCount();
    for (let burst = 0; burst < 20; burst++) {
      for (let call = 0; call < total / 20; call++) refs.push(counter.increment.remote());
      await nextTurn();
    }
    assert.ok(count.posts <= CREDIT, `${count.posts} batches were posted`);
    assert.ok(count.fields <= CREDIT * 5_000, `${count.fields} fields were posted`);
  }
  gate.open();
  assert.equal(await blocked, 'through');
  const values = await valuesOf(refs);
  for (const [index, value] of values.entries()) assert.equal(value, index + 1);
});

test('large values are bounded by their bytes', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const [blocker, keeper] = [Blocker.remote(), Keeper.remote()];
  await valuesOf([blocker.ready.remote(), keeper.keep.remote()]);
  const gate = new Gate();
  const blocked = blocker.block.remote(gate.memory);
  await gate.arrived();
  const values = [
    new Uint8Array(100_000).fill(1),
    'x'.repeat(50_000),
    new Array(12_500).fill(1),
    new Uint8Array(100_000).buffer,
    { text: ['y'.repeat(50_000)] },
  ];
  const refs: PromiseLike<unknown>[] = [];
  {
    using count = new PostCount();
    for (let call = 0; call < 200; call++) refs.push(keeper.echo.remote(values[call % values.length]));
    await nextTurn();
    // Eight batches of about 512 KiB take some forty of these values, of four fields or a few more each.
    assert.ok(count.posts <= CREDIT, `${count.posts} batches were posted`);
    assert.ok(count.fields < 60 * 15, `${count.fields} fields were posted`);
  }
  gate.open();
  await blocked;
  for (const [index, value] of (await valuesOf(refs)).entries())
    assert.deepEqual(typeof value, typeof values[index % values.length]);
});

test('calls that wait for credit or a slot when the thread dies have not begun', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const mortal = Mortal.options({ maxPendingCalls: -1 }).remote();
  await mortal.call.remote();
  const gate = new Gate();
  const tally = new SharedArrayBuffer(4);
  const running = mortal.run.remote(0, tally, 0, gate.memory);
  await gate.arrived();
  const refs = Array.from({ length: 66_000 }, () => mortal.call.remote());
  await nextTurn();
  await harness.terminateOnly();
  gate.open();
  assert.equal(((await failureOf(running)) as unknown as { began: boolean }).began, true);
  for (const outcome of await settled(refs)) assert.equal(outcome.status === 'rejected' && outcome.reason.began, false);
});

test('under an endless stream of calls a thread still serves its other ports and its timers', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const counter = Counter.options({ maxPendingCalls: -1 }).remote();
  await counter.value.remote();
  let isStreaming = true;
  let streamed = 0;
  const stream = (async () => {
    while (isStreaming) {
      const refs = Array.from({ length: 2_000 }, () => counter.increment.remote());
      streamed += refs.length;
      await refs.at(-1);
    }
  })();
  for (let ping = 0; ping < 20; ping++) await harness.runtime.pingWorker(harness.workerIds[0]!);
  isStreaming = false;
  await stream;
  assert.equal(await counter.value.remote(), streamed);
});

test('answers that wait for credit arrive once the driver takes them', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const keeper = Keeper.options({ maxPendingCalls: -1 }).remote();
  const large = 'z'.repeat(20_000);
  const refs = Array.from({ length: 2_000 }, () => keeper.echo.remote(large));
  for (const value of await valuesOf(refs)) assert.equal(value, large);
});

test('a thread asked about itself answers, or says that it has ended', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const blocker = Blocker.remote();
  const gate = new Gate();
  const blocked = blocker.block.remote(gate.memory);
  await gate.arrived();
  const [workerId] = harness.workerIds;
  const ping = harness.runtime.pingWorker(workerId!);
  const ending = harness.terminateOnly();
  await assert.rejects(ping, { name: 'WorkerCrashedError', message: /its thread has ended$/ });
  await ending;
  gate.open();
  await failureOf(blocked);
  await assert.rejects(harness.runtime.pingWorker(workerId!), RangeError);
  await kill(blocker);
});
