/** Where actor classes may stand, what modules and constructors may do wrong, and several runtimes in one process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActorDiedError,
  ActorModuleError,
  getRuntimeContext,
  init,
  RuntimeClosedError,
  remote,
  shutdown,
} from '@heddle/actors';
import { runProgram } from '../support/run-program.ts';
import { failureOf, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Counter } from './actors/counter.ts';
import { InitsAtImport } from './actors/inits-at-import.ts';
import { InitsInside } from './actors/inits-inside.ts';
import type { PlainCounter } from './actors/plain.ts';
import { Relay } from './actors/relay.ts';
import { Unreachable } from './actors/throws-at-import.ts';

const here = { url: import.meta.url };

// ── Where a class stands ───────────────────────────────────────────────────────────────────────────────────

test('an actor in the entry file is a TypeError that says to move it', async () => {
  const { code, stdout, stderr } = await runProgram('actor-in-entry-file');
  assert.notEqual(code, 0);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /TypeError: Cannot make class "InEntryFile" remote in the program's entry file: .*move the class to a module of its own/,
  );
});

test('an anonymous class is a TypeError that asks for a name', () => {
  assert.throws(() => remote(here, class {}), {
    name: 'TypeError',
    message: /^Cannot make an anonymous class remote: .*name/,
  });
});

test('two classes of one name in a module are a TypeError that names both', async () => {
  await assert.rejects(import('./actors/two-of-one-name.ts'), {
    name: 'TypeError',
    message: /^Cannot make class "Twin" remote: its module .*two-of-one-name\.ts has declared that name before$/,
  });
});

test('what is neither a class nor a function is a TypeError that quotes it', () => {
  for (const [target, quoted] of [
    [42, '42'],
    ['Counter', '"Counter"'],
    [undefined, 'undefined'],
  ] as const) {
    assert.throws(() => remote(here, target as never), {
      name: 'TypeError',
      message: `Cannot make ${quoted} remote: expected a class or a function`,
    });
  }
});

test('a plain class of a module that knows nothing of Heddle works too', async () => {
  await using _ = await RuntimeHarness.start();
  const Plain = remote<typeof PlainCounter>(new URL('./actors/plain.ts', import.meta.url), 'PlainCounter');
  const plain = Plain.remote(6);
  assert.equal(await plain.increment.remote(), 7);
});

test('a module that exports no such class is told by name', () => {
  const module = new URL('./actors/plain.ts', import.meta.url);
  for (const name of ['Missing', 'notAClass'])
    assert.throws(() => remote(module, name), { name: 'TypeError', message: new RegExp(`"${name}".*plain\\.ts`) });
  assert.throws(() => remote(module, 7 as never), { name: 'TypeError', message: /^Cannot make 7 remote: / });
});

// ── What a module does when it is loaded ───────────────────────────────────────────────────────────────────

test('a module that throws when a worker imports it makes the actor DEAD of an ActorModuleError with that cause', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const actor = Unreachable.options({ maxRestarts: -1 }).remote();
  const error = await failureOf(actor.value.remote());
  assert.ok(error instanceof ActorDiedError && !error.began);
  assert.ok(error.cause instanceof ActorModuleError);
  assert.match(error.cause.message, /"Unreachable".*throws-at-import\.ts failed: RangeError: not in a worker$/);
  assert.ok(error.cause.cause instanceof RangeError);
  assert.equal(harness.runtime.stats().actors, 0);
  assert.equal(await Counter.remote(1).value.remote(), 1);
});

test('init while a worker loads a module, or inside a call, is a TypeError that says so', async () => {
  await using _ = await RuntimeHarness.start();
  const { cause } = await failureOf(InitsAtImport.remote().value.remote());
  assert.ok(cause instanceof ActorModuleError);
  assert.match(String(cause.cause), /^TypeError: Cannot init inside a worker/);
  assert.match(
    String((await failureOf(InitsInside.remote().start.remote())).cause),
    /^TypeError: Cannot init inside a worker/,
  );
  const apart = InitsInside.options({ isolation: 'process' }).remote();
  assert.match(String((await failureOf(apart.start.remote())).cause), /^TypeError: Cannot init inside a worker/);
});

// ── Runtimes ───────────────────────────────────────────────────────────────────────────────────────────────

test('without a runtime an actor cannot be made, and after a shutdown none can', async () => {
  assert.throws(() => Counter.remote(), {
    name: 'RuntimeClosedError',
    message: 'Cannot create an actor of class "Counter": no runtime is open; call "await init()" first',
  });
  const harness = await RuntimeHarness.start();
  await harness[Symbol.asyncDispose]();
  assert.throws(() => Counter.remote(), RuntimeClosedError);
  assert.throws(() => harness.runtime.create(Counter, []), RuntimeClosedError);
  await assert.rejects(harness.runtime.getActor('name'), RuntimeClosedError);
});

test('init twice is a TypeError; shutting down twice is fine, and then init may be called again', async () => {
  {
    await using _ = await RuntimeHarness.start();
    await assert.rejects(init(), { name: 'TypeError', message: /^Cannot init: a runtime is open already/ });
    await shutdown();
    await shutdown();
  }
  await using _ = await RuntimeHarness.start();
  assert.equal(await Counter.remote(2).value.remote(), 2);
});

test('init twice with ignoreReinitError gives the runtime that is open, also while it starts', async () => {
  const [first, second] = await Promise.all([init({ workers: 1 }), init({ workers: 3, ignoreReinitError: true })]);
  assert.equal(second, first);
  assert.equal(await init({ ignoreReinitError: true }), first);
  await assert.rejects(Promise.race([init(), first.shutdown()]), TypeError);
  await shutdown();
  await assert.rejects(init({ ignoreReinitError: 1 } as never), {
    name: 'TypeError',
    message: 'Cannot start a runtime with ignoreReinitError 1 (number): expected true or false',
  });
  assert.throws(() => Counter.remote(), RuntimeClosedError);
});

test('two inits at once start one runtime, and the second is told', async () => {
  const outcomes = await Promise.allSettled([init({ workers: 1 }), init({ workers: 1 })]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  await shutdown();
});

test('a runtime leaves the process as it is: no signal handler, no name of its own, no word', async () => {
  const { code, stdout, stderr } = await runProgram('leaves-no-trace');
  assert.deepEqual({ code, stderr, stdout }, { code: 0, stderr: '', stdout: '{"listeners":[],"globals":[]}\n' });
});

test('two runtimes in one process keep their actors, names and threads apart', async () => {
  await using harness = await RuntimeHarness.startSeparate({ workers: 1 });
  const other = await harness.startAnother({ namespace: 'default' });
  const [mine, theirs] = [
    harness.runtime.create(Counter, [1], { name: 'same' }),
    other.create(Counter, [2], { name: 'same' }),
  ];
  assert.deepEqual(await valuesOf([mine.value.remote(), theirs.value.remote()]), [1, 2]);
  const found = await other.getActor<typeof Counter>('same');
  assert.equal(await found.value.remote(), 2);
  const [relay, otherRelay] = [harness.runtime.create(Relay, []), other.create(Relay, [])];
  const places = await valuesOf([relay.workerId.remote(), otherRelay.workerId.remote()]);
  assert.notEqual(places[0], places[1]);
  assert.equal(await relay.findAndIncrement.remote('same'), 2);
  assert.equal(await otherRelay.findAndIncrement.remote('same'), 3);

  await other.terminateWorker(places[1]);
  assert.ok((await failureOf(theirs.value.remote())) instanceof ActorDiedError);
  assert.equal(await mine.value.remote(), 2);
  assert.throws(() => getRuntimeContext(), TypeError, 'neither is the default');
});

test('a runtime checks its options and quotes them', async () => {
  await assert.rejects(init({ workers: -1 }), {
    name: 'RangeError',
    message: 'Cannot start a runtime with workers -1: expected an integer from 0 to 1024',
  });
  await assert.rejects(init({ workers: '2' } as never), { name: 'TypeError', message: /with workers "2" \(string\)/ });
  await assert.rejects(init({ worker: 2 } as never), { name: 'TypeError', message: /with option "worker"/ });
  await assert.rejects(init({ namespace: '' }), { name: 'RangeError', message: /with namespace ""/ });
});

test('a runtime starts no thread before one is needed', async () => {
  await using harness = await RuntimeHarness.start({ workers: 0 });
  assert.deepEqual(harness.workerIds, []);
  assert.equal(await Counter.remote(3).value.remote(), 3);
  assert.equal(harness.workerIds.length, 1);
});

// ── Programs ───────────────────────────────────────────────────────────────────────────────────────────────

test('a program with an open runtime and nothing pending ends by itself', async () => {
  assert.deepEqual(await runProgram('ends-by-itself'), { code: 0, stdout: '42\n', stderr: '' });
});

test('a program with a call pending goes on until it is answered', async () => {
  assert.deepEqual(await runProgram('waits-for-calls'), { code: 0, stdout: '42\n', stderr: '' });
});

test('a program that goes on for a call that is never answered is told so', async () => {
  const { stdout, stderr } = await runProgram('waits-for-ever');
  assert.equal(
    stdout,
    'The program goes on for this alone, and no thread is at work: 1 calls are pending, 1 on actor "actor_id" of class Mortal\n',
  );
  assert.match(stderr, /\[HEDDLE_STILL_WAITING\] HeddleWarning: /);
});
