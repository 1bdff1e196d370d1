/** The runtime seen from outside: tasks, objects, traces and the timeline. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancel, type ObjectRef, put } from '@heddle/actors';
import { Gate, Tally } from '../support/gate.ts';
import { failureOf, RuntimeHarness, settled, valuesOf } from '../support/runtime-harness.ts';
import { Blocker } from './actors/blocker.ts';
import { Counter } from './actors/counter.ts';
import { add, context, dieOften, fanOut, parent, square, waitFor } from './actors/tasks.ts';

test('a task is listed in each of its states, with its times, thread and parent', async () => {
  await using harness = await RuntimeHarness.start({ numCpus: 1 });
  const { runtime } = harness;
  const [gate, late] = [new Gate(), new Gate()];
  const running = waitFor.remote(gate.memory, 1);
  await gate.arrived();
  const queued = square.remote(2);
  const unready = add.remote(waitFor.options({ numCpus: 0 }).remote(late.memory, 1) as never, 1);
  const states = new Map((await runtime.listTasks()).map((row) => [row.taskId, row]));
  const rowOf = (ref: typeof queued | typeof running) => states.get(runtime.taskIdOf(ref)!)!;
  assert.equal(rowOf(running).state, 'RUNNING');
  assert.equal(rowOf(queued).state, 'PENDING_NODE_ASSIGNMENT');
  assert.equal(rowOf(unready).state, 'PENDING_ARGS_AVAIL');
  assert.equal(rowOf(running).type, 'NORMAL_TASK');
  gate.open();
  late.open();
  await valuesOf([running, queued, unready]);
  const rows = await runtime.listTasks();
  const row = rows.find(({ taskId }) => taskId === runtime.taskIdOf(queued))!;
  assert.equal(row.state, 'FINISHED');
  assert.ok(row.startTime! >= row.creationTime && row.endTime! >= row.startTime! && row.threadId! > 0);
  assert.deepEqual((await runtime.summarizeTasks()).waitFor, { FINISHED: 2 });
});

test('nested tasks name their parent, and wait in a state of their own', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1, numCpus: 1 });
  const [gate, runs] = [new Gate(), new Tally(2)];
  const waiting = parent.remote(gate.memory, runs.memory);
  await gate.arrived();
  const [outer, inner] = await harness.runtime.listTasks();
  assert.deepEqual([outer!.name, outer!.state], ['parent', 'RUNNING_IN_RAY_GET']);
  assert.deepEqual([inner!.name, inner!.state], ['cancellable', 'RUNNING']);
  assert.equal(inner!.parentTaskId, outer!.taskId);
  gate.open();
  await valuesOf([waiting]);
  const root = fanOut.remote(2, 2);
  await valuesOf([root]);
  const rows = await harness.runtime.listTasks();
  const rootId = harness.runtime.taskIdOf(root);
  assert.equal(rows.filter(({ name }) => name === 'fanOutFrom').length, 7);
  assert.equal(rows.filter(({ parentTaskId }) => parentTaskId === rootId).length, 2);
  assert.ok(rows.every(({ state }) => state === 'FINISHED'));
});

test('A11 the id that a task sees is the id that its ref has', async () => {
  await using harness = await RuntimeHarness.start();
  const [first, second] = [context.remote(), context.remote()];
  const [one, two] = await valuesOf([first, second]);
  assert.equal(one.taskId, harness.runtime.taskIdOf(first));
  assert.equal(two.taskId, harness.runtime.taskIdOf(second));
  assert.notEqual(one.taskId, two.taskId);
});

test('a trace tells the life of a task, line by line and component by component', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const runs = new Tally(1);
  const sum = add.remote(dieOften.remote(runs.memory, 0, 2) as never, square.remote(2));
  await settled([sum]);
  const lines = await harness.runtime.trace(harness.runtime.taskIdOf(sum)!);
  const steps = lines.map((line) => line.replace(/^ *[\d.]+ ms {2}/, '').replace(/ {2,}/, ': '));
  const owner = 'owner (thread 0)';
  assert.deepEqual(
    steps.map((step) => step.replace(/thread [1-9]\d*/g, 'thread N')),
    [
      `${owner}: submitted add`,
      `${owner}: arguments resolved`,
      `${owner}: placeable`,
      'scheduler: leased to thread N',
      `${owner}: sent to thread N`,
      'worker (thread N): begun',
      'worker (thread N): ended',
      `${owner}: finished`,
    ],
  );
  const [died] = (await harness.runtime.listTasks()).filter(({ name }) => name === 'dieOften');
  const story = (await harness.runtime.trace(died!.taskId)).join('\n');
  assert.match(story, /interrupted: its thread has ended.*retried.*sent to thread.*finished/s);
  assert.equal(died!.attempt, 1);
  await assert.rejects(harness.runtime.trace('task_unknown'), RangeError);
});

test('the timeline is a Chrome trace: complete events on named threads, with arrows from their owners', async () => {
  await using harness = await RuntimeHarness.start();
  await valuesOf([fanOut.remote(1, 2), square.remote(3)]);
  const events = JSON.parse(JSON.stringify(await harness.runtime.timeline())) as Record<string, unknown>[];
  const complete = events.filter(({ ph }) => ph === 'X');
  assert.deepEqual([...new Set(complete.map(({ name }) => name))].sort(), ['fanOutFrom', 'square', 'waits for refs']);
  const threads = new Set(events.filter(({ ph }) => ph === 'M').map(({ tid }) => tid));
  for (const event of complete) {
    assert.ok(Number.isFinite(event.ts) && (event.dur as number) >= 0 && threads.has(event.tid));
  }
  const arrows = events.filter(({ ph }) => ph === 's' || ph === 'f');
  assert.equal(arrows.length, 2 * 4);
});

test('calls of actors are listed with tracing "calls", and nothing with "off"', async () => {
  await using harness = await RuntimeHarness.start({ tracing: 'calls' });
  const counter = Counter.remote();
  const failing = counter.fail.remote('no');
  await failureOf(failing);
  const [row] = await harness.runtime.listTasks();
  assert.equal(row!.name, 'Counter.fail');
  assert.equal(row!.type, 'ACTOR_TASK');
  assert.equal(row!.state, 'FAILED');
  assert.match(row!.error!, /TaskError/);
  const { stack = '', cause } = await failureOf(failing);
  assert.match(stack, /called from[^a-z]*at .*state\.test\.ts/s);
  assert.match((cause as Error).stack!, /counter\.ts/);
  assert.equal(row!.actorId, harness.runtime.listActors()[0]!.actorId);
  const quiet = await harness.startAnother({ tracing: 'off' });
  assert.deepEqual(await quiet.listTasks(), []);
});

test('a call that runs and one that waits for its actor have states of their own', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1, numCpus: 1, tracing: 'calls' });
  const stateOf = async (ref: ObjectRef) => {
    const id = harness.runtime.taskIdOf(ref);
    return (await harness.runtime.listTasks()).find(({ taskId }) => taskId === id)!.state;
  };
  const [gate, blocker] = [new Gate(), Blocker.remote()];
  const running = blocker.wait.remote(gate.memory);
  await gate.arrived();
  const behind = blocker.ready.remote();
  assert.equal(await stateOf(running), 'RUNNING');
  assert.equal(await stateOf(behind), 'PENDING_ACTOR_TASK_ORDERING_OR_CONCURRENCY');
  gate.open();
  await valuesOf([running, behind]);
  assert.equal(await stateOf(behind), 'FINISHED');
});

test('a cancelled task is FAILED and says so', async () => {
  await using harness = await RuntimeHarness.start({ numCpus: 1 });
  const hopeless = square.options({ numCpus: 2 }).remote(1);
  await cancel(hopeless);
  await settled([hopeless]);
  const [row] = await harness.runtime.listTasks();
  assert.deepEqual([row!.state, row!.error], ['FAILED', 'cancelled']);
});

test('objects are listed with their owner and size', async () => {
  await using harness = await RuntimeHarness.start();
  using ref = put(new Uint8Array(1_000));
  const [row] = await harness.runtime.listObjects();
  assert.ok(row!.bytes >= 1_000 && row!.isStored && !row!.isLent && row!.ownerThreadId === 0);
  assert.equal((await ref).length, 1_000);
});
