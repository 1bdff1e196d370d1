/** Guarantee T1 as far as actors go: what they hold, and how they wait for it. On real threads. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { ActorDiedError, cancel, kill, startRuntime, TaskCancelledError } from '@heddle/actors';
import { Tally } from '../support/gate.ts';
import { failureOf, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Counter } from './actors/counter.ts';
import { Leaver } from './actors/leaver.ts';
import { Relay } from './actors/relay.ts';
import { add } from './actors/tasks.ts';

test('T1 an actor holds no processor unless it asks for one', async () => {
  await using harness = await RuntimeHarness.start({ numCpus: 1 });
  await valuesOf([1, 2, 3].map((start) => Counter.remote(start).value.remote()));
  assert.deepEqual(harness.runtime.resources(), { total: { CPU: 1 }, available: { CPU: 1 } });
});

test('T1 an actor holds what it asks for until it is dead, and one that fits passes one that does not', async () => {
  await using harness = await RuntimeHarness.start({ numCpus: 2, resources: { gpu: 1 } });
  const { runtime } = harness;
  const first = Counter.options({ numCpus: 1.5, resources: { gpu: 1 }, maxRestarts: 1 }).remote(1);
  await first.value.remote();
  assert.deepEqual(runtime.resources().available, { CPU: 0.5, gpu: 0 });

  const waits = Counter.options({ numCpus: 1 }).remote(2);
  const waiting = waits.value.remote();
  const passes = Counter.options({ numCpus: 0.5 }).remote(3);
  assert.equal(await passes.value.remote(), 3);
  assert.equal(waiting.isSettled, false);
  assert.equal(runtime.listActors()[1]!.state, 'PENDING_CREATION');

  await kill(first, { noRestart: false });
  assert.equal(await first.value.remote(), 1);
  assert.equal(waiting.isSettled, false, 'a restart gives nothing away');

  await kill(first);
  assert.equal(await waiting, 2);
  assert.deepEqual(runtime.resources().available, { CPU: 0.5, gpu: 1 });
});

test('T1 what an actor held is free however it ended, and whoever made it', async () => {
  await using harness = await RuntimeHarness.start({ numCpus: 1, workers: 1 });
  const one = { numCpus: 1 };
  const leaver = Leaver.options(one).remote();
  await failureOf(leaver.leave.remote(new Tally(2).memory));
  const crashed = Counter.options(one).remote(1);
  await crashed.value.remote();
  await harness.terminateOnly();
  await failureOf(crashed.value.remote());
  const released = Counter.options(one).remote(2);
  await released.value.remote();
  released.release();
  assert.equal(await Counter.options(one).remote(3).value.remote(), 3);
});

test('T1 what can never fit waits until it is killed, holds nobody back, and a warning names it', async () => {
  await using harness = await RuntimeHarness.start({ numCpus: 1 });
  const warned = once(process, 'warning');
  const giant = Counter.options({ numCpus: 2 }).remote(1);
  const [warning] = await warned;
  const { actorId } = harness.runtime.listActors()[0]!;
  assert.equal(warning.code, 'HEDDLE_CANNOT_FIT');
  assert.equal(
    warning.message,
    `Actor "${actorId}" of class Counter waits for {"CPU":2} and this runtime has {"CPU":1} in all: it waits until it is killed`,
  );
  const value = giant.value.remote();
  assert.equal(await Counter.options({ numCpus: 1 }).remote(2).value.remote(), 2);
  assert.equal(value.isSettled, false);
  await kill(giant);
  assert.ok((await failureOf(value)) instanceof ActorDiedError);
});

test('T1 a task that can never fit waits until it is cancelled, and a warning names its function', async () => {
  await using _ = await RuntimeHarness.start({ numCpus: 1 });
  const warned = once(process, 'warning');
  const giant = add.options({ numCpus: 2 }).remote(1, 2);
  const [warning] = await warned;
  assert.equal(
    warning.message,
    'A task of function "add" waits for {"CPU":2} and this runtime has {"CPU":1} in all: it waits until it is cancelled',
  );
  assert.equal(await add.remote(1, 2), 3);
  await cancel(giant);
  assert.ok((await failureOf(giant)) instanceof TaskCancelledError);
});

test('T1 an actor that waits for processors can be restarted by a kill, released and shut down', async () => {
  const runtime = await startRuntime({ numCpus: 1, workers: 1 });
  const holder = runtime.create(Counter, [1], { numCpus: 1 });
  await holder.value.remote();
  const waiting = runtime.create(Counter, [2], { numCpus: 1, maxRestarts: 1 });
  const value = waiting.value.remote();
  await runtime.kill(waiting, { noRestart: false });
  await runtime.kill(holder);
  assert.equal(await value, 2);
  const last = runtime.create(Relay, [], { numCpus: 1 });
  const never = last.workerId.remote();
  await runtime.shutdown();
  await failureOf(never);
});
