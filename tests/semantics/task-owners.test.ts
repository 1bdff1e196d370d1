/**
 * Guarantees N3 and T7 for what a task leaves behind: the thread that ran it owns it. It lives as long as that
 * thread, and the thread stays while it is needed, however idle it is.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActorDiedError, type ActorHandle, getActor, OwnerDiedError, watch } from '@heddle/actors';
import { Gate } from '../support/gate.ts';
import { failureOf, nextTurn, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Counter } from './actors/counter.ts';
import { makeCounter, makeDetached, putBytes, useCounter } from './actors/makers.ts';
import { square, waitFor } from './actors/tasks.ts';

/** A thread without tasks is ended after so long. */
const IDLE_MS = 20;
const LIMIT_MS = 60_000;

const taskThreads = ({ runtime }: RuntimeHarness): string[] =>
  runtime
    .listWorkers()
    .filter(({ role }) => role === 'task')
    .map(({ workerId }) => workerId);

/** Resolves when so many threads of the pool are left: the others were idle for too long. */
async function threadsLeft(harness: RuntimeHarness, count: number): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (taskThreads(harness).length > count) {
    assert.ok(performance.now() < limit, `${taskThreads(harness).length} threads of tasks are left`);
    await nextTurn();
  }
}

/** Runs one task beside another that needs nothing, each in a thread of its own. */
async function besideAnother<T>(start: (gate: SharedArrayBuffer) => PromiseLike<T>): Promise<T> {
  const gate = new Gate();
  const [made, other] = [start(gate.memory), waitFor.remote(gate.memory, 'other')];
  await gate.arrived(2);
  gate.open();
  await other;
  return await made;
}

test('T7 an object that a task has put is there for others after its thread would have been idle for too long', async () => {
  await using harness = await RuntimeHarness.start({ numCpus: 2, idleTaskThreadMs: IDLE_MS });
  const { ref } = await besideAnother((gate) => putBytes.remote(gate, [1, 2, 3]));
  await threadsLeft(harness, 1); // The other one is ended, this one is not.
  assert.equal(await square.remote(3), 9);
  await threadsLeft(harness, 1);
  assert.deepEqual([...(await ref)], [1, 2, 3]);
  ref.release();
  await threadsLeft(harness, 0);
  assert.equal(harness.runtime.stats().objects, 0);
});

test('N3 an actor that a task has made keeps its thread until nobody holds it', async () => {
  await using harness = await RuntimeHarness.start({ numCpus: 2, idleTaskThreadMs: IDLE_MS });
  const counter = await besideAnother((gate) => makeCounter.remote(gate, 7));
  await threadsLeft(harness, 1);
  assert.equal(await counter.value.remote(), 7);
  counter.release();
  await threadsLeft(harness, 0); // What the idle thread itself still named is let go by a collection.
  assert.equal(harness.runtime.stats().actors, 0);
});

test('N3 an actor that nobody but its task has known ends, and the thread too', async () => {
  await using harness = await RuntimeHarness.start({ numCpus: 2, idleTaskThreadMs: IDLE_MS });
  assert.equal(await besideAnother((gate) => useCounter.remote(gate)), 5);
  await threadsLeft(harness, 0);
  assert.equal(harness.runtime.stats().actors, 0);
});

test('N3 an actor that a task has made ends when the thread of that task dies, a detached one does not', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const open = new Gate();
  open.open();
  const counter: ActorHandle<typeof Counter> = await makeCounter.remote(open.memory, 7);
  await makeDetached.remote(open.memory, 'stays');
  assert.equal(await counter.value.remote(), 7);
  const [thread] = taskThreads(harness);
  await harness.runtime.terminateWorker(thread!);
  await valuesOf([watch(counter)]); // The driver hears of the end when the thread's link closes, after what it sent.
  const error = await failureOf(counter.value.remote());
  assert.ok(error instanceof ActorDiedError && error.cause instanceof OwnerDiedError, String(error));
  assert.match(error.cause.message, /a task in thread \d+/);
  assert.equal(await (await getActor<typeof Counter>('stays')).value.remote(), 1);
  assert.deepEqual(await valuesOf([square.remote(3)]), [9]);
});

test('N3 an actor that the driver or another actor has made outlives the threads of tasks', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const counter = Counter.remote(2);
  await square.remote(1);
  const [thread] = taskThreads(harness);
  await harness.runtime.terminateWorker(thread!);
  assert.deepEqual(await valuesOf([counter.value.remote(), square.remote(2)]), [2, 4]);
});
