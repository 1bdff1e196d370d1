/** Guarantees T1, T2, T3, T8, T9 and T11 for tasks: remote functions on the threads of the pool. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cancel,
  get,
  type ObjectRef,
  put,
  remote,
  SerializationError,
  TaskCancelledError,
  TaskError,
  WorkerCrashedError,
  type WorkerRow,
} from '@heddle/actors';
import { Gate, SharedLog, Tally } from '../support/gate.ts';
import { failureOf, nextTurn, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Counter } from './actors/counter.ts';
import {
  add,
  block,
  cancellable,
  context,
  dieOften,
  echo,
  fanOut,
  isReady,
  leave,
  log,
  pair,
  parent,
  square,
  tally,
  tryLuck,
  Unlucky,
  waitFor,
} from './actors/tasks.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

// ── T1 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('T1 a remote function runs in a thread of the pool, and its value arrives through the ref', async () => {
  await using harness = await RuntimeHarness.start();
  assert.deepEqual(
    await valuesOf(numbers(100).map((x) => square.remote(x))),
    numbers(100).map((x) => x * x),
  );
  assert.ok(harness.runtime.listWorkers().some(({ role }) => role === 'task'));
});

test('T1 tasks of one resource shape start in the order of their submission, whatever their functions', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1, numCpus: 1 });
  const written = new SharedLog(300);
  const gate = new Gate();
  const refs = [block.remote(0, written.memory, gate.memory)];
  for (let index = 1; index < 300; index++)
    refs.push(index % 3 === 0 ? block.remote(index, written.memory, gate.memory) : log.remote(index, written.memory));
  await gate.arrived();
  gate.open();
  await valuesOf(refs);
  assert.deepEqual(written.entries, numbers(300));
});

test('T1 no more run at once than there are processors for, and each holds what it asked for', async () => {
  await using _ = await RuntimeHarness.start({ numCpus: 2, resources: { gpu: 1 } });
  const gate = new Gate();
  const wide = [waitFor.options({ numCpus: 2 }).remote(gate.memory, 'wide'), waitFor.remote(gate.memory, 'narrow')];
  await gate.arrived(1);
  await settleTurns();
  assert.equal(gate.arrivals, 1);
  gate.open();
  assert.deepEqual(await valuesOf(wide), ['wide', 'narrow']);
  const second = new Gate();
  const onGpu = { numCpus: 0, resources: { gpu: 0.5 } };
  const refs = numbers(3).map((x) => waitFor.options(onGpu).remote(second.memory, x));
  await second.arrived(2);
  await settleTurns();
  assert.equal(second.arrivals, 2);
  second.open();
  assert.deepEqual(await valuesOf(refs), [0, 1, 2]);
});

test('T1 a task that fits passes one that does not; what can never fit waits until it is cancelled, and a warning names it', async () => {
  await using _ = await RuntimeHarness.start({ numCpus: 2 });
  const warned = new Promise<Error>((resolve) => {
    process.once('warning', resolve);
  });
  const hopeless = square.options({ resources: { unobtainium: 1 } }).remote(1);
  const gate = new Gate();
  const running = waitFor.remote(gate.memory, 'running');
  await gate.arrived();
  const wide = add.options({ numCpus: 2 }).remote(1, 1);
  assert.equal((await valuesOf([square.remote(5)]))[0], 25);
  gate.open();
  assert.deepEqual(await valuesOf([running, wide]), ['running', 2]);
  assert.match((await warned).message, /unobtainium/);
  await cancel(hopeless);
  assert.ok((await failureOf(hopeless)) instanceof TaskCancelledError);
});

test('T1 nested waiting does not deadlock: a fan-out of depth 6 on two threads and one processor finishes', async () => {
  await using _ = await RuntimeHarness.start({ workers: 2, numCpus: 1 });
  assert.deepEqual(await valuesOf([fanOut.remote(6, 2), fanOut.remote(2, 5)]), [64, 25]);
});

test('T1 a long task does not hold up what was sent behind it while another thread is free', async () => {
  await using _ = await RuntimeHarness.start({ workers: 2, numCpus: 2 });
  await valuesOf(numbers(2_000).map((x) => square.remote(x))); // From here on squares are known to be short.
  const [gate, written] = [new Gate(), new SharedLog(1)];
  const long = block.remote(0, written.memory, gate.memory);
  const short = numbers(500).map((x) => square.remote(x));
  await valuesOf(short);
  gate.open();
  assert.equal(await long, 0);
});

// ── T2 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('T2 a task whose worker crashes is run again, three times unless told otherwise', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const runs = new Tally(4);
  assert.equal((await valuesOf([dieOften.remote(runs.memory, 0, 4)]))[0], 'alive');
  const error = await failureOf(dieOften.remote(runs.memory, 1, 5));
  assert.ok(error instanceof WorkerCrashedError);
  assert.match(error.message, /dieOften/);
  assert.ok(
    (await failureOf(dieOften.options({ maxRetries: 0 }).remote(runs.memory, 2, 2))) instanceof WorkerCrashedError,
  );
  assert.equal((await valuesOf([dieOften.options({ maxRetries: -1 }).remote(runs.memory, 3, 7)]))[0], 'alive');
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => runs.of(index)),
    [4, 4, 1, 7],
  );
});

test('T2 an error that user code throws is retried only when its class is listed, subclasses included', async () => {
  await using _ = await RuntimeHarness.start();
  const runs = new Tally(4);
  const error = await failureOf(tryLuck.remote(runs.memory, 0, 2));
  assert.ok(error instanceof TaskError && error.cause instanceof Error);
  assert.equal((await valuesOf([tryLuck.options({ retryExceptions: true }).remote(runs.memory, 1, 3)]))[0], 'lucky');
  const listed = tryLuck.options({ retryExceptions: [Unlucky], maxRetries: 2 }).remote(runs.memory, 2, 4);
  assert.match((await failureOf(listed)).message, /run 3/);
  await failureOf(tryLuck.options({ retryExceptions: [RangeError] }).remote(runs.memory, 3, 2));
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => runs.of(index)),
    [1, 3, 3, 1],
  );
});

/** A thread is terminated for each so many tasks, which are submitted just before: so it has tasks in it. */
const TASKS_PER_KILL = 500;

test('T2 10,000 tasks while their threads are terminated: each answered once, right or failed by its policy', async () => {
  await using harness = await RuntimeHarness.start({ workers: 2 });
  const runs = new Tally(10_000);
  const killed = new Set<string>();
  const isNext = ({ role, workerId }: WorkerRow) => role === 'task' && !killed.has(workerId);
  const refs: ObjectRef<number>[] = [];
  while (refs.length < 10_000) {
    for (const at of numbers(TASKS_PER_KILL)) {
      const maxRetries = at % 2 === 0 ? -1 : 0;
      refs.push(tally.options({ maxRetries }).remote(runs.memory, refs.length));
    }
    while (!harness.runtime.listWorkers().some(isNext)) await nextTurn(); // It is yet to start.
    const { workerId } = harness.runtime.listWorkers().find(isNext)!;
    killed.add(workerId);
    await harness.runtime.terminateWorker(workerId);
  }
  const outcomes = await Promise.allSettled(refs); // However long twenty threads take to start on a busy machine.
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') assert.ok(outcome.value === index && runs.of(index) >= 1);
    else assert.ok(outcome.reason instanceof WorkerCrashedError && index % 2 === 1);
    if (index % 2 === 1) assert.ok(runs.of(index) <= 1, 'a task without retries runs once at most');
  }
});

// ── T3 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('T3 refs of tasks and actors are arguments of tasks; nested ones arrive as refs; a failed one fails the task', async () => {
  await using _ = await RuntimeHarness.start();
  const counter = Counter.remote(3);
  assert.equal((await valuesOf([add.remote(square.remote(3), counter.value.remote())]))[0], 12);
  assert.equal((await valuesOf([counter.increment.remote(square.remote(2))]))[0], 7);
  assert.equal((await valuesOf([isReady.remote({ ref: square.remote(2) })]))[0], true);
  assert.deepEqual((await valuesOf([echo.remote(put({ a: [1] }))]))[0], { a: [1] });
  const failing = counter.fail.remote('on its way');
  assert.equal(await failureOf(add.remote(1, failing as never)), await failureOf(failing));
});

test('T3 a task that waits for its arguments holds no processor and nobody back', async () => {
  await using _ = await RuntimeHarness.start({ numCpus: 1 });
  const gate = new Gate();
  const late = waitFor.options({ numCpus: 0 }).remote(gate.memory, 1);
  const waiting = add.remote(late as ObjectRef<number>, 1);
  assert.equal((await valuesOf([add.remote(1, 1)]))[0], 2);
  gate.open();
  assert.equal((await valuesOf([waiting]))[0], 2);
});

// ── T8 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('T8 a queued task that is cancelled never starts, also when it was sent ahead; a running one sees its signal', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1, numCpus: 1 });
  const [runs, gate] = [new Tally(3), new Gate()];
  const running = cancellable.remote(gate.memory, runs.memory);
  await gate.arrived();
  const queued = tally.remote(runs.memory, 2);
  await cancel(queued);
  assert.ok((await failureOf(queued)) instanceof TaskCancelledError);
  await cancel(running);
  assert.ok((await failureOf(running)) instanceof TaskCancelledError);
  assert.deepEqual(
    [0, 1, 2].map((index) => runs.of(index)),
    [1, 1, 0],
  );
});

test('T8 the tasks that a cancelled one has made are cancelled too', async () => {
  await using _ = await RuntimeHarness.start();
  const [runs, gate] = [new Tally(2), new Gate()];
  const outer = parent.remote(gate.memory, runs.memory);
  await gate.arrived();
  await cancel(outer);
  assert.ok((await failureOf(outer)) instanceof TaskCancelledError);
  assert.equal(runs.of(1), 1);
});

test('T8 force ends the worker of a task; its neighbours on that thread are run again and finish', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1, numCpus: 4 });
  const [stuck, written, gate] = [new Gate(), new SharedLog(4), new Gate()];
  const neighbours = [1, 2].map((x) => waitFor.remote(gate.memory, x));
  await gate.arrived(2);
  const blocked = block.remote(0, written.memory, stuck.memory);
  await stuck.arrived();
  await cancel(blocked, { force: true });
  assert.ok((await failureOf(blocked)) instanceof TaskCancelledError);
  gate.open();
  assert.deepEqual(await valuesOf(neighbours), [1, 2]);
  assert.deepEqual(written.entries.filter((index) => index === 0).length, 1, 'what was cancelled is not run again');
});

// ── T9, A10, A11, T11 ──────────────────────────────────────────────────────────────────────────────────────

test('T9 numReturns splits the result of a task', async () => {
  await using _ = await RuntimeHarness.start();
  assert.deepEqual(await valuesOf(pair.options({ numReturns: 2 }).remote()), [1, 'two']);
  assert.equal(pair.options({ numReturns: 0 }).remote(), undefined);
  const refs = pair.options({ numReturns: 3 }).remote();
  for (const ref of refs) assert.match((await failureOf(ref)).message, /into 3/);
});

test('A11 the context of a task: no actor, a task id that stays, the worker', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const [seen] = await valuesOf([context.remote()]);
  assert.equal(seen.actorId, undefined);
  assert.match(seen.taskId!, /^task_/);
  assert.deepEqual([seen.workerId], harness.workerIds);
});

test('A10 exitActor in a task is a TypeError', async () => {
  await using _ = await RuntimeHarness.start();
  const error = await failureOf(leave.remote());
  assert.ok(error instanceof TaskError && error.cause instanceof TypeError);
});

// ── Bad input ──────────────────────────────────────────────────────────────────────────────────────────────

test('wrong options of a task are refused and quoted, and nothing is lost', async () => {
  await using _ = await RuntimeHarness.start();
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ numCpu: 1 }, /numCpu/],
    [{ numCpus: -1 }, /numCpus -1/],
    [{ numCpus: 'two' }, /numCpus "two"/],
    [{ resources: { gpu: -2 } }, /resources\.gpu -2/],
    [{ resources: 7 }, /resources 7/],
    [{ maxRetries: 1.5 }, /maxRetries 1\.5/],
    [{ retryExceptions: 'all' }, /retryExceptions "all"/],
    [{ numReturns: -1 }, /numReturns -1/],
    [{ generatorBackpressure: 0 }, /generatorBackpressure 0/],
  ];
  for (const [options, message] of wrong) assert.throws(() => square.options(options), message);
  const error = await failureOf(echo.remote({ callback: () => {} }));
  assert.ok(error instanceof SerializationError && error.path === 'argument 1 .callback');
  assert.equal((await valuesOf([square.remote(2)]))[0], 4);
});

test('a function in the entry file, without a name, or twice in a module is refused', () => {
  const meta = { url: 'file:///somewhere.ts' };
  assert.throws(() => remote({ ...meta, main: true }, function entry() {}), /entry file/);
  assert.throws(() => remote(meta, () => {}), /anonymous function/);
  remote(meta, function twice() {});
  assert.throws(() => remote(meta, function twice() {}), /has declared that name before/);
  assert.throws(() => remote(meta, 7 as never), /expected a class or a function/);
});

/** Long enough for what should not happen to happen: a round trip through the pool. */
async function settleTurns(): Promise<void> {
  await get(square.options({ numCpus: 0 }).remote(1));
  for (let turn = 0; turn < 10; turn++) await nextTurn();
}
