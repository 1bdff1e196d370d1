/** Guarantee F2 where a constructor, or the module it stands in, never comes to an end. On real threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActorCreationTimeoutError, ActorDiedError, kill } from '@heddle/actors';
import { delay, realClock } from '@heddle/base';
import { Gate } from '../support/gate.ts';
import { failureOf, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Blocker } from './actors/blocker.ts';
import { Counter } from './actors/counter.ts';
import { Stuck, Unstuck } from './actors/stuck.ts';
import { StuckAtImport } from './actors/stuck-at-import.ts';
import { WaitsAtImport } from './actors/waits-at-import.ts';

const soon = { creationTimeoutMs: 100 };

/** The cause of a call's failure, which must be a death before the call began. */
async function causeOfDeath(ref: PromiseLike<unknown>): Promise<unknown> {
  const error = await failureOf(ref);
  assert.ok(error instanceof ActorDiedError && !error.began);
  return error.cause;
}

test('F2 a constructor that never returns ends its thread and its actor by name; neighbours follow their own policy', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const restarted = Counter.options({ maxRestarts: 1 }).remote(1);
  const lost = Counter.remote(2);
  // The module is loaded by then, which alone may take longer than a constructor here may.
  await valuesOf([restarted.value.remote(), lost.value.remote(), Unstuck.remote().value.remote()]);

  const stuck = Stuck.options({ ...soon, maxRestarts: -1 }).remote();
  const cause = await causeOfDeath(stuck.value.remote());
  assert.ok(cause instanceof ActorCreationTimeoutError);
  assert.equal(
    cause.message,
    'Cannot create an actor of class "Stuck": its constructor did not return within 100 ms, its creationTimeoutMs',
  );
  assert.equal(await restarted.value.remote(), 1);
  await causeOfDeath(lost.value.remote());
  assert.equal(await Counter.remote(3).value.remote(), 3);
  const states = harness.runtime
    .listActors()
    .map(({ className, state, restartCount }) => [className, state, restartCount]);
  assert.deepEqual(states.slice(0, 2), [
    ['Counter', 'ALIVE', 1],
    ['Counter', 'ALIVE', 0],
  ]);
});

test('F2 a module that waits for ever fails its actor and leaves the thread to the others', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const counter = Counter.remote(1);
  await counter.value.remote();
  const [before] = harness.workerIds;
  const cause = await causeOfDeath(WaitsAtImport.options(soon).remote().value.remote());
  assert.ok(cause instanceof ActorCreationTimeoutError);
  assert.match(cause.message, /"WaitsAtImport": its module did not load within 100 ms/);
  assert.equal(await counter.increment.remote(), 2);
  assert.deepEqual(harness.workerIds, [before]);
});

test('F2 a module that stops its thread is ended with it', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  assert.ok(
    (await causeOfDeath(StuckAtImport.options(soon).remote().value.remote())) instanceof ActorCreationTimeoutError,
  );
  assert.equal(await Counter.remote(1).value.remote(), 1);
});

test('F2 a constructor that never returns is ended when its actor was killed meanwhile, too', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const gate = new Gate();
  const stuck = Stuck.options(soon).remote(gate.memory);
  await gate.arrived();
  await kill(stuck);
  const counter = Counter.options({ maxRestarts: 1 }).remote(1); // It may have been sent behind the other.
  assert.equal(await counter.value.remote(), 1);
});

test('F2 waiting for a thread that is busy is not held against a creation', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const blocker = Blocker.remote();
  await Counter.remote().value.remote(); // Its module is loaded.
  const gate = new Gate();
  const blocked = blocker.block.remote(gate.memory, 1);
  await gate.arrived();
  const counter = Counter.options({ creationTimeoutMs: 500 }).remote(1);
  const value = counter.value.remote();
  await delay(realClock, 600); // Longer than its constructor may take.
  gate.open();
  assert.deepEqual(await valuesOf([blocked, value]), [1, 1]);
});
