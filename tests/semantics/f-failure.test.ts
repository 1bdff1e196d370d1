/** Guarantees F1 to F9: what dies, what comes back, and what becomes of the calls. On real threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActorDeathCause,
  ActorDiedError,
  type ActorHandle,
  type ActorRow,
  ActorUnavailableError,
  kill,
  TaskError,
} from '@heddle/actors';
import { Gate, SharedLog, Tally } from '../support/gate.ts';
import { failureOf, nextTurn, RuntimeHarness, settled, valuesOf } from '../support/runtime-harness.ts';
import { AsyncBlocker, Blocker, SlowStarter } from './actors/blocker.ts';
import { Counter } from './actors/counter.ts';
import { Glutton } from './actors/glutton.ts';
import { isRefusal, JudgeOfErrors, Refusal } from './actors/judge-of-errors.ts';
import { AsyncLeaver } from './actors/leaver.ts';
import { type Death, DiesAtStart, Mortal } from './actors/mortal.ts';
import { Relay } from './actors/relay.ts';
import { QuotaError, Thrower } from './actors/thrower.ts';
import { ThrowsAtStart } from './actors/throws-at-start.ts';

const upTo = (length: number): number[] => Array.from({ length }, (_, index) => index);

type MortalHandle = ActorHandle<typeof Mortal>;

/** The states of each actor in the order in which it had them. */
class Watch implements Disposable {
  readonly rows: ActorRow[] = [];
  readonly #watching: Disposable;

  constructor(harness: RuntimeHarness) {
    this.#watching = harness.runtime.watchActors((row) => this.rows.push(row));
  }

  /** The states of the actors of this class. */
  of(className: string): string[] {
    return this.rows.filter((row) => row.className === className).map(({ state }) => state);
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]();
  }
}

// ── F1, F2 ─────────────────────────────────────────────────────────────────────────────────────────────────

test('F1 an actor goes through its states in order, and its death has a recorded cause', async () => {
  await using harness = await RuntimeHarness.start();
  using watch = new Watch(harness);
  const source = AsyncBlocker.remote();
  const gate = new Gate();
  const waiting = SlowStarter.remote(gate.memory, source.wait.remote(gate.memory, 'value'));
  const mortal = Mortal.options({ maxRestarts: 1 }).remote();
  gate.open();
  assert.equal(await waiting.value.remote(), 'value');
  await mortal.call.remote();
  await kill(mortal, { noRestart: false });
  await mortal.call.remote();
  await kill(mortal);
  assert.deepEqual(watch.of('SlowStarter'), ['DEPENDENCIES_UNREADY', 'PENDING_CREATION', 'ALIVE']);
  assert.deepEqual(watch.of('Mortal'), [
    'PENDING_CREATION',
    'ALIVE',
    'RESTARTING',
    'PENDING_CREATION',
    'ALIVE',
    'DEAD',
  ]);
  const row = harness.runtime.listActors().find(({ className }) => className === 'Mortal')!;
  assert.match(String(row.deathCause), /was killed/);
  assert.equal(row.restartCount, 1);
  assert.ok(row.endTime !== null && row.endTime >= row.startTime);
});

test('F1 a listener that throws disturbs neither the actors nor the other listeners', async (t) => {
  await using harness = await RuntimeHarness.start();
  const thrown: unknown[] = [];
  const onThrown = (error: unknown) => thrown.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', onThrown);
  t.after(() => {
    process.off('uncaughtException', onThrown);
    for (const other of others) process.on('uncaughtException', other);
  });
  using _first = harness.runtime.watchActors(() => {
    throw new Error('of the listener');
  });
  using watch = new Watch(harness);
  const counter = Counter.remote(4);
  assert.equal(await counter.value.remote(), 4);
  await kill(counter);
  await nextTurn();
  assert.deepEqual(watch.of('Counter'), ['PENDING_CREATION', 'ALIVE', 'DEAD']);
  assert.equal(thrown.length, 3);
  process.off('uncaughtException', onThrown);
  for (const other of others) process.on('uncaughtException', other);
});

test('F2 a constructor that throws makes the actor DEAD, whatever maxRestarts says; every call carries its error', async () => {
  await using harness = await RuntimeHarness.start();
  const actor = ThrowsAtStart.options({ maxRestarts: -1 }).remote('bad start');
  const early = actor.value.remote();
  for (const error of [await failureOf(early), await failureOf(actor.value.remote())]) {
    assert.ok(error instanceof ActorDiedError);
    assert.equal(error.began, false);
    assert.equal(error.retryable, true);
    assert.ok(error.cause instanceof RangeError);
    assert.equal(error.cause.message, 'bad start');
    assert.match(String(error.cause.stack), /throws-at-start\.ts/);
  }
  const [row] = harness.runtime.listActors();
  assert.deepEqual([row?.state, row?.restartCount, row?.deathCause], ['DEAD', 0, 'RangeError: bad start']);
});

test('F2 constructor arguments that cannot be sent make the actor DEAD of a SerializationError', async () => {
  await using harness = await RuntimeHarness.start();
  const actor = Counter.remote((() => {}) as unknown as number);
  const error = await failureOf(actor.value.remote());
  assert.ok(error instanceof ActorDiedError);
  assert.match(String(error.cause), /SerializationError: Cannot send argument 1 of the constructor of Counter/);
  assert.equal(harness.runtime.stats().actors, 0);
});

// ── F3 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('F3 five hundred calls answered just before process.exit: five hundred results and no error, a hundred times', async () => {
  const workers = 2;
  await using _ = await RuntimeHarness.start({ workers });
  for (let round = 0; round < 25; round++) {
    const actors = upTo(2 * workers).map(() => Mortal.remote());
    const answers = actors.map((actor) => upTo(500).map(() => actor.call.remote()));
    const exits = actors.slice(workers).map((actor) => actor.exit.remote(0)); // The second one of each thread ends it.
    for (const own of answers)
      assert.deepEqual(
        await valuesOf(own),
        upTo(500).map((index) => index + 1),
      );
    for (const exit of exits) {
      const error = await failureOf(exit);
      assert.ok(error instanceof ActorDiedError && error.began);
    }
  }
});

test('F3 of a thousand calls in flight when a thread is terminated each is settled once and told truly whether it had begun', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const stops = [0, 1, 584, 700, 999];
  for (const stopAt of stops) {
    const mortal = Mortal.remote();
    const [tally, gate] = [new Tally(1_000), new Gate()];
    const settlements = new Tally(1_000);
    const refs = upTo(1_000).map((index) => mortal.run.remote(index, tally.memory, stopAt, gate.memory));
    for (const [index, ref] of refs.entries()) {
      const settle = () => void Atomics.add(new Int32Array(settlements.memory), index, 1);
      ref.then(settle, settle);
    }
    await gate.arrived();
    await harness.terminateOnly();
    gate.open();
    const outcomes = await settled(refs);
    for (const [index, outcome] of outcomes.entries()) {
      const hasRun = tally.of(index) === 1;
      assert.equal(hasRun, index <= stopAt);
      assert.equal(settlements.of(index), 1);
      if (outcome.status === 'fulfilled') {
        assert.ok(hasRun);
      } else {
        assert.ok(outcome.reason instanceof ActorDiedError);
        assert.equal(outcome.reason.began, hasRun, `call ${index} of ${stopAt}`);
        assert.equal(outcome.reason.retryable, !hasRun);
      }
    }
  }
});

test('F3 a restart keeps the calls that had not begun, in order, and fails those that had', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const mortal = Mortal.options({ maxRestarts: 1 }).remote();
  const log = new SharedLog(1_100);
  const refs = upTo(1_000).map((index) => mortal.log.remote(index, log.memory, 400));
  const outcomes = await settled(refs);
  const later = mortal.log.remote(1_000, log.memory, -1);
  assert.equal(await later, 1_000);
  assert.deepEqual(log.entries, upTo(1_001));
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') assert.equal(outcome.value, index);
    else assert.ok(index <= 400 && outcome.reason instanceof ActorDiedError && outcome.reason.began);
  }
  assert.equal(outcomes[400]?.status, 'rejected');
  assert.equal(await mortal.restarts.remote(), 1);
  assert.equal(harness.runtime.listActors().length, 1);
});

for (const maxTaskRetries of [1, -1]) {
  test(`F3 with maxTaskRetries ${maxTaskRetries} calls that had begun are run again, before those that had not`, async () => {
    await using _ = await RuntimeHarness.start({ workers: 1 });
    const mortal = Mortal.options({ maxRestarts: 1, maxTaskRetries }).remote();
    const log = new SharedLog(2_100);
    const refs = upTo(1_000).map((index) => mortal.log.remote(index, log.memory, 400));
    assert.deepEqual(await valuesOf(refs), upTo(1_000));
    const second = log.entries.slice(401);
    assert.deepEqual(log.entries.slice(0, 401), upTo(401));
    assert.equal(second.at(0)! <= 400, true, 'what had begun and was not answered begins again');
    assert.deepEqual(second, upTo(1_000).slice(second.at(0)), 'and everything after it follows in order');
  });
}

test('F3 a call that had begun, was to run again and never could is told to have begun', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const gate = new Gate();
  const mortal = Mortal.options({ maxRestarts: 1, maxTaskRetries: 5 }).remote();
  const tally = new Tally(3);
  const first = mortal.run.remote(0, tally.memory, 0, gate.memory);
  const second = mortal.run.remote(1, tally.memory, -1, gate.memory);
  await gate.arrived();
  await harness.terminateOnly(); // Begun in the first life, and blocked again in the second.
  await gate.arrived(2);
  await harness.terminateOnly();
  gate.open();
  const [begun, unbegun] = [await failureOf(first), await failureOf(second)];
  assert.ok(begun instanceof ActorDiedError && begun.began && !begun.retryable);
  assert.ok(unbegun instanceof ActorDiedError && !unbegun.began && unbegun.retryable);
  assert.deepEqual([tally.of(0), tally.of(1)], [2, 0]);
});

test('F3 kept calls that had begun once are told so when the actor never comes back', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const tally = new Tally(1);
  const mortal = Mortal.options({ maxRestarts: 1, maxTaskRetries: -1 }).remote();
  await mortal.call.remote();
  const gate = new Gate();
  const ref = mortal.run.remote(0, tally.memory, 0, gate.memory);
  await gate.arrived();
  const killed = [kill(mortal, { noRestart: false }), kill(mortal)];
  gate.open();
  await Promise.all(killed);
  const [outcome] = await settled([ref]);
  if (outcome.status === 'rejected') assert.equal((outcome.reason as ActorDiedError).began, true);
  assert.equal(tally.of(0) >= 1, true);
});

test('F3 a restarted actor has its first arguments and none of its state', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const counter = Counter.options({ maxRestarts: 2 }).remote(10);
  assert.equal(await counter.increment.remote(), 11);
  await harness.terminateOnly();
  assert.equal(await counter.value.remote(), 10);
});

test('F3 calls from another actor survive a restart as the driver’s do', async () => {
  await using harness = await RuntimeHarness.start({ workers: 2 });
  const counter = Counter.options({ maxRestarts: 1 }).remote(10);
  const relay = Relay.remote();
  assert.equal(await relay.valueOf_.remote(counter), 10);
  const { workerId } = await counter.context.remote();
  assert.notEqual(workerId, await relay.workerId.remote());
  const ending = harness.runtime.terminateWorker(workerId);
  const refs = upTo(50).map(() => relay.valueOf_.remote(counter));
  await ending;
  assert.deepEqual(await valuesOf(refs), new Array(50).fill(10));
});

// ── F4 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('F4 while an actor restarts its calls wait, and then run', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  using watch = new Watch(harness);
  const mortal = Mortal.options({ maxRestarts: 3 }).remote();
  await mortal.call.remote();
  await kill(mortal, { noRestart: false });
  await mortal.call.remote();
  await kill(mortal, { noRestart: false }); // The second in a row: it is backed off.
  assert.equal(watch.rows.at(-1)?.state, 'RESTARTING');
  assert.equal(await mortal.call.remote(), 1);
});

test('F4 calls that waited for an actor that turns out DEAD never began', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  using watch = new Watch(harness);
  const mortal = Mortal.options({ maxRestarts: 2 }).remote();
  await mortal.call.remote();
  for (let restart = 0; restart < 2; restart++) await kill(mortal, { noRestart: false });
  assert.equal(watch.rows.at(-1)?.state, 'RESTARTING');
  const waiting = upTo(10).map(() => mortal.call.remote());
  await kill(mortal);
  for (const ref of waiting) {
    const error = await failureOf(ref);
    assert.ok(error instanceof ActorDiedError && !error.began && error.retryable);
  }
});

test('F4 with failFast a call made while the actor restarts fails at once, and so do those that wait', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const mortal = Mortal.options({ maxRestarts: 3, failFast: true }).remote();
  await mortal.call.remote();
  await kill(mortal, { noRestart: false });
  await mortal.call.remote();
  const gate = new Gate();
  const running = mortal.run.remote(0, new Tally(1).memory, 0, gate.memory);
  const waiting = mortal.call.remote();
  await gate.arrived();
  await harness.terminateOnly();
  const late = mortal.call.remote();
  gate.open();
  const begun = await failureOf(running);
  assert.ok(begun instanceof ActorDiedError && begun.began);
  for (const ref of [waiting, late]) {
    const error = await failureOf(ref);
    assert.ok(error instanceof ActorUnavailableError && !error.began && error.retryable);
  }
});

// ── F5 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('F5 an error thrown by user code arrives as a TaskError with the error itself as cause', async () => {
  await using _ = await RuntimeHarness.start();
  const thrower = Thrower.remote();
  const error = await failureOf(thrower.range.remote('too far'));
  assert.ok(error instanceof TaskError);
  assert.match(error.message, /^Cannot get the result of Thrower\.range: it threw RangeError: too far$/);
  assert.ok(error.cause instanceof RangeError);
  assert.equal(error.cause.message, 'too far');
  assert.match(String(error.cause.stack), /thrower\.ts/);
});

test('F5 a registered class arrives as itself, with fields, code and its own cause', async () => {
  await using _ = await RuntimeHarness.start();
  const { cause } = await failureOf(Thrower.remote().quota.remote(3));
  assert.ok(cause instanceof QuotaError);
  assert.deepEqual([cause.name, cause.code, cause.quota], ['QuotaError', 'E_QUOTA', 3]);
  assert.ok(cause.cause instanceof SyntaxError);
});

test('F5 an error that arrives before the module that registers its class is of that class all the same', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const first = JudgeOfErrors.remote(new Refusal('to the constructor')); // Nothing of the module is in that thread yet.
  const asked = first.isRefusal.remote(new Refusal('to a method'));
  assert.deepEqual(await valuesOf([first.wasRefused.remote(), asked]), [true, true]);
  assert.deepEqual(await valuesOf([isRefusal.remote(new Refusal('to a task'))]), [true]);
});

test('F5 an unregistered class arrives as its nearest built-in one, with its name and fields', async () => {
  await using _ = await RuntimeHarness.start();
  const { cause } = await failureOf(Thrower.remote().unregistered.remote());
  assert.ok(cause instanceof TypeError);
  assert.equal(cause.name, 'UnknownError');
  assert.deepEqual((cause as unknown as { detail: unknown }).detail, { list: [1, 2] });
});

test('F5 what the platform throws arrives as itself: an abort, a time-out, what a disposal suppressed', async () => {
  await using _ = await RuntimeHarness.start();
  const thrower = Thrower.remote();
  const abort = await failureOf(thrower.value.remote(AbortSignal.abort().reason));
  assert.ok(abort.cause instanceof DOMException);
  assert.deepEqual([abort.cause.name, abort.cause.code], ['AbortError', DOMException.ABORT_ERR]);
  const both = await failureOf(thrower.value.remote(new SuppressedError(new RangeError('last'), new Error('first'))));
  assert.ok(both.cause instanceof SuppressedError);
  assert.ok(both.cause.error instanceof RangeError);
  assert.equal(both.cause.suppressed.message, 'first');
});

test('F5 whatever is thrown arrives, also what is no error or cannot be sent', async () => {
  await using _ = await RuntimeHarness.start();
  const thrower = Thrower.remote();
  const stubborn = { toString: 'no function', valueOf: 1 };
  for (const value of ['text', 7, null, undefined, { an: ['object'] }, stubborn])
    assert.deepEqual((await failureOf(thrower.value.remote(value))).cause, value);
  assert.match((await failureOf(thrower.value.remote({ an: 'object' }))).message, /it threw \{"an":"object"\}$/);
  assert.equal(typeof (await failureOf(thrower.callback.remote())).cause, 'string');
  assert.match(String((await failureOf(thrower.later.remote('late'))).cause), /RangeError: late/);
  assert.match(String((await failureOf(thrower.hostile.remote())).cause), /hostile/);
});

test('F5 the stacks of a failed call lead to user code alone: what the runtime did is not told', async () => {
  await using _ = await RuntimeHarness.start();
  const error = await failureOf(Thrower.remote().range.remote('here'));
  assert.equal(error.stack, `TaskError: ${error.message}`);
  assert.match((error.cause as Error).stack!, /thrower\.ts:\d+/);
});

test('F5 there is one TaskError however many hops', async () => {
  await using _ = await RuntimeHarness.start({ workers: 3 });
  const [first, second, third] = [Thrower.remote(), Thrower.remote(), Thrower.remote()];
  const error = await failureOf(first.throughTwo.remote(second, third, 'from far'));
  assert.ok(error instanceof TaskError);
  assert.match(error.message, /Thrower\.throughTwo/);
  assert.ok(error.cause instanceof RangeError);
  assert.equal(error.cause.message, 'from far');
});

test('F5 a system error met in user code is the cause of a TaskError', async () => {
  await using _ = await RuntimeHarness.start();
  const [thrower, dead] = [Thrower.remote(), Thrower.remote()];
  await kill(dead);
  const error = await failureOf(thrower.askTheDead.remote(dead));
  assert.ok(error instanceof TaskError);
  assert.ok(error.cause instanceof ActorDiedError);
  assert.equal(error.cause.began, false);
  assert.ok(error.cause.cause instanceof ActorDeathCause);
});

test('F5 what looks like a promise and is none fails its own call and no other', async () => {
  await using _ = await RuntimeHarness.start();
  const thrower = Thrower.remote();
  const refs = (['getter', 'throws', 'twice'] as const).map((kind) => thrower.badThenable.remote(kind));
  const after = thrower.range.remote('alive');
  const [getter, throws, twice] = await settled(refs);
  assert.match(String(getter?.status === 'rejected' && (getter.reason as Error).cause), /no then/);
  assert.match(String(throws?.status === 'rejected' && (throws.reason as Error).cause), /then threw/);
  assert.equal(twice?.status === 'fulfilled' && twice.value, 'first');
  assert.match(String((await failureOf(after)).cause), /alive/);
});

// ── F6 ─────────────────────────────────────────────────────────────────────────────────────────────────────

const DEATHS: readonly (readonly [Death, RegExp])[] = [
  ['uncaught exception', /thrown outside a call/],
  ['unhandled rejection', /rejected outside a call/],
  ['process.exit(0)', /ended with code 0/],
  ['process.exit(3)', /ended with code 3/],
];

for (const [death, cause] of DEATHS) {
  test(`F6 ${death}: exactly the actors of that thread die or restart, and no call stays pending`, async () => {
    await using harness = await RuntimeHarness.start({ workers: 2 });
    const actors = await threeActors();
    const hanging = [actors.dying.hang.remote(), actors.restarting.hang.remote()];
    await actors.restarting.dieLater.remote(death);
    await checkDeath(harness, actors, hanging, cause);
  });
}

test('F6 terminate: exactly the actors of that thread die or restart, and no call stays pending', async () => {
  await using harness = await RuntimeHarness.start({ workers: 2 });
  const actors = await threeActors();
  const hanging = [actors.dying.hang.remote(), actors.restarting.hang.remote()];
  await valuesOf([Counter.remote().value.remote(), Counter.remote().value.remote()]); // Both threads have seen the calls.
  await harness.runtime.terminateWorker(harness.workerIds[0]!);
  await checkDeath(harness, actors, hanging, /was terminated/);
});

interface ThreeActors {
  /** On one thread. */
  readonly dying: MortalHandle;
  readonly restarting: MortalHandle;
  /** On the other. */
  readonly elsewhere: MortalHandle;
}

async function threeActors(): Promise<ThreeActors> {
  const dying = Mortal.remote();
  const elsewhere = Mortal.remote();
  const restarting = Mortal.options({ maxRestarts: 1, maxConcurrency: 10 }).remote();
  await valuesOf([dying.call.remote(), elsewhere.call.remote(), restarting.call.remote()]);
  return { dying, restarting, elsewhere };
}

async function checkDeath(
  harness: RuntimeHarness,
  { dying, restarting, elsewhere }: ThreeActors,
  hanging: readonly PromiseLike<unknown>[],
  cause: RegExp,
): Promise<void> {
  for (const ref of hanging) {
    const error = await failureOf(ref);
    assert.ok(error instanceof ActorDiedError && error.began);
    assert.match(String(error.cause), cause);
  }
  assert.match(String(((await failureOf(dying.call.remote())) as ActorDiedError).cause), cause);
  assert.deepEqual(await valuesOf([restarting.call.remote(), elsewhere.call.remote()]), [1, 2]);
  const rows = harness.runtime.listActors().filter(({ className }) => className === 'Mortal');
  assert.deepEqual(rows.map(({ state, restartCount }) => [state, restartCount]).sort(), [
    ['ALIVE', 0],
    ['ALIVE', 1],
    ['DEAD', 0],
  ]);
  assert.match(String(rows.find(({ state }) => state === 'DEAD')?.deathCause), cause);
}

test('F6 a thread that never yields is shown as busy, and terminating it ends its calls', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const gate = new Gate();
  const blocker = Blocker.remote();
  const refs = [blocker.block.remote(gate.memory), blocker.ready.remote()] as const;
  await gate.arrived();
  const busy = () => harness.runtime.listWorkers().find(({ role }) => role === 'actor')!.busyMs;
  while (busy() === 0) await nextTurn(); // Its clock shows milliseconds.
  await harness.terminateOnly();
  gate.open();
  const [running, waiting] = [await failureOf(refs[0]), await failureOf(refs[1])];
  assert.ok(running instanceof ActorDiedError && running.began);
  assert.ok(waiting instanceof ActorDiedError && !waiting.began);
});

test('F6 the heap limit, where V8 reports it, ends the actor of that thread alone', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const counter = Counter.remote(1);
  const glutton = Glutton.options({
    isolation: 'thread',
    resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 },
  }).remote();
  await valuesOf([counter.value.remote(), glutton.ready.remote()]);
  assert.equal(harness.workerIds.length, 2);
  const error = await failureOf(glutton.eat.remote());
  assert.ok(error instanceof ActorDiedError && error.began);
  assert.match(String(error.cause), /memory/);
  assert.equal(await counter.value.remote(), 1);
});

test('F6 a thread that does not turn for longer than maxBlockedMs is ended, and its actors are judged', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  // On a loaded machine the turn in which it comes back may be one of those.
  const glutton = Glutton.options({ maxBlockedMs: 500, maxRestarts: -1 }).remote();
  await glutton.ready.remote();
  const [first] = harness.workerIds;
  const error = await failureOf(glutton.turnFor.remote(20_000));
  assert.ok(error instanceof ActorDiedError && error.began);
  assert.match(String(error.cause), /did not turn for \d+ ms/);
  assert.equal(await glutton.ready.remote(), true);
  assert.notEqual(harness.workerIds[0], first);
});

test('F6 an actor with a thread of its own takes it along when it ends, and gets a new one when it restarts', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const [alone, shared] = [Mortal.options({ isolation: 'thread', maxRestarts: 1 }).remote(), Mortal.remote()];
  await valuesOf([alone.call.remote(), shared.call.remote()]);
  const before = harness.workerIds;
  await kill(alone, { noRestart: false });
  assert.equal(await alone.call.remote(), 1);
  while (harness.workerIds.length > 2) await nextTurn();
  assert.equal(harness.workerIds.filter((workerId) => before.includes(workerId)).length, 1);
  await kill(alone);
  while (harness.workerIds.length > 1) await nextTurn();
  assert.equal(await shared.call.remote(), 2);
});

test('F6 an actor made while a thread ends is put on another', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  await Counter.remote().value.remote();
  const ending = harness.terminateOnly();
  const counter = Counter.remote(5);
  assert.equal(await counter.value.remote(), 5);
  await ending;
  assert.equal(await counter.value.remote(), 5);
});

// ── F7 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('F7 every accepted call is answered once, whatever dies: threads, actors, callers, the runtime', async () => {
  await using harness = await RuntimeHarness.start({ workers: 3 });
  const classes = [
    Mortal,
    Mortal.options({ maxRestarts: -1 }),
    Mortal.options({ maxRestarts: -1, maxTaskRetries: -1 }),
    Mortal.options({ maxRestarts: 2, maxTaskRetries: 1, maxConcurrency: 5 }),
  ] as (typeof Mortal)[];
  const random = generator(4_711);
  const refs: PromiseLike<unknown>[] = [];
  const settlements: number[] = [];
  const accept = (ref: PromiseLike<unknown>): void => {
    const index = refs.push(ref) - 1;
    settlements[index] = 0;
    const settle = () => void settlements[index]!++;
    ref.then(settle, settle);
  };
  let actors = classes.map((Class) => Class.remote());
  for (let step = 0; step < 250; step++) {
    const actor = actors[random(actors.length)]!;
    switch (random(11)) {
      case 0:
        accept(actor.exit.remote(random(2)));
        break;
      case 1:
        void kill(actor, { noRestart: random(2) === 0 });
        break;
      case 2:
        if (harness.workerIds.length > 0)
          void harness.runtime.terminateWorker(harness.workerIds[random(harness.workerIds.length)]!);
        break;
      case 3:
        actors = classes.map((Class) => Class.remote());
        break;
      case 4:
        await nextTurn();
        break;
      case 5:
        accept(actor.killThat.remote(actors[random(actors.length)]!));
        break;
      default:
        for (let call = 0; call < 20; call++) accept(actor.call.remote());
    }
  }
  await harness.runtime.shutdown();
  await settled(refs);
  await nextTurn();
  assert.deepEqual(settlements, new Array(refs.length).fill(1));
});

/** The same numbers on every run, so that a failure can be seen again. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

test('F7 shutting the runtime down ends every pending call', async () => {
  const harness = await RuntimeHarness.start();
  const mortal = Mortal.remote();
  await mortal.call.remote();
  const refs = [mortal.hang.remote(), mortal.call.remote(), Mortal.remote().call.remote()];
  await harness[Symbol.asyncDispose]();
  for (const ref of refs) assert.equal(ref.isSettled, true);
  for (const outcome of (await settled(refs)).slice(0, 2)) assert.equal(outcome?.status, 'rejected');
  assert.ok((await failureOf(mortal.call.remote())) instanceof ActorDiedError);
});

test('F7 two calls that both leave the actor are both answered', async () => {
  await using _ = await RuntimeHarness.start();
  const leaver = AsyncLeaver.remote();
  const gate = new Gate();
  const running = leaver.wait.remote(gate.memory, 'done');
  const leaving = [leaver.leave.remote(), leaver.leave.remote()];
  await gate.arrived();
  gate.open();
  assert.equal(await running, 'done');
  for (const ref of leaving) assert.ok((await failureOf(ref)) instanceof ActorDiedError);
});

// ── F8, F9 ─────────────────────────────────────────────────────────────────────────────────────────────────

test('F8 more restarts than the intensity allows end in DEAD with the cause "gave up"', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const mortal = Mortal.options({
    maxRestarts: 100,
    restartIntensity: { maxRestarts: 2, withinMs: 60_000 },
  }).remote();
  for (let restart = 0; restart < 3; restart++) {
    await mortal.call.remote();
    await kill(mortal, { noRestart: false });
  }
  assert.ok((await failureOf(mortal.call.remote())) instanceof ActorDiedError);
  const [row] = harness.runtime.listActors();
  assert.equal(row?.restartCount, 2);
  assert.match(String(row?.deathCause), /gave up: more than 2 restarts in 60000 ms/);
});

test('F8 maxRestarts limits the total, and an actor that dies while it is constructed uses them up', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const tally = new Tally(1);
  const comesToLive = DiesAtStart.options({ maxRestarts: 1 }).remote(tally.memory, 2);
  assert.equal(await comesToLive.lives.remote(), true);
  assert.equal(tally.of(0), 2);
  const never = DiesAtStart.options({ maxRestarts: 1 }).remote(new Tally(1).memory, 9);
  const error = await failureOf(never.lives.remote());
  assert.ok(error instanceof ActorDiedError && !error.began);
  const row = harness.runtime.listActors().find(({ actorId }) => error.message.includes(actorId));
  assert.deepEqual([row?.state, row?.restartCount], ['DEAD', 1]);
});

test('F9 kill is not restarted, and killing twice is fine', async () => {
  await using harness = await RuntimeHarness.start();
  const mortal = Mortal.options({ maxRestarts: -1, maxTaskRetries: -1 }).remote();
  await mortal.call.remote();
  const hanging = mortal.hang.remote();
  await kill(mortal);
  await kill(mortal);
  assert.ok((await failureOf(hanging)) instanceof ActorDiedError); // Begun or not: the kill does not wait for it.
  assert.ok((await failureOf(mortal.call.remote())) instanceof ActorDiedError);
  assert.equal(harness.runtime.stats().actors, 0);
});

test('F9 an actor that is killed before its constructor runs is never constructed', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const gate = new Gate();
  const starter = SlowStarter.remote(gate.memory, 'value');
  const ref = starter.value.remote();
  await kill(starter);
  const error = await failureOf(ref);
  assert.ok(error instanceof ActorDiedError && !error.began);
  assert.equal(await Counter.remote(1).value.remote(), 1);
  assert.equal(gate.arrivals, 0);
  assert.equal(harness.runtime.listActors().find(({ className }) => className === 'SlowStarter')?.state, 'DEAD');
});

test('F9 a kill is immediate: on a busy thread too, what had not begun never does', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const gate = new Gate();
  const tally = new Tally(2);
  const mortal = Mortal.remote();
  const refs = [0, 1].map((index) => mortal.run.remote(index, tally.memory, 0, gate.memory));
  await gate.arrived();
  await kill(mortal);
  gate.open();
  const [running, waiting] = await settled(refs);
  assert.deepEqual([tally.of(0), tally.of(1)], [1, 0]);
  for (const [outcome, began] of [[running, true] as const, [waiting, false] as const])
    assert.ok(outcome?.status === 'rejected' && (outcome.reason as ActorDiedError).began === began);
});

test('F9 kill with noRestart false uses up one restart; with none left it is a kill', async () => {
  await using harness = await RuntimeHarness.start();
  const mortal = Mortal.options({ maxRestarts: 1 }).remote();
  assert.equal(await mortal.call.remote(), 1);
  await kill(mortal, { noRestart: false });
  assert.equal(await mortal.call.remote(), 1);
  await kill(mortal, { noRestart: false });
  assert.ok((await failureOf(mortal.call.remote())) instanceof ActorDiedError);
  assert.equal(harness.runtime.listActors()[0]?.restartCount, 1);
});

test('F9 killed with a restart left, running calls with retries run again and those without fail', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  for (const maxTaskRetries of [0, 1]) {
    const blocker = AsyncBlocker.options({ maxRestarts: 1, maxTaskRetries }).remote();
    const gate = new Gate();
    const running = blocker.wait.remote(gate.memory, 'again');
    await gate.arrived();
    await kill(blocker, { noRestart: false });
    const ready = blocker.ready.remote();
    if (maxTaskRetries === 0) {
      const error = await failureOf(running);
      assert.ok(error instanceof ActorDiedError && error.began);
    } else {
      await gate.arrived(2);
      gate.open();
      assert.equal(await running, 'again');
    }
    assert.equal(await ready, true);
    gate.open();
  }
});

test('F9 an actor may kill another, and itself', async () => {
  await using _ = await RuntimeHarness.start();
  const [first, second] = [Mortal.remote(), Mortal.remote()];
  await first.killThat.remote(second);
  assert.ok((await failureOf(second.call.remote())) instanceof ActorDiedError);
  assert.ok((await failureOf(first.killThat.remote(first))) instanceof ActorDiedError);
  assert.ok((await failureOf(first.call.remote())) instanceof ActorDiedError);
});

test('F9 what is no handle cannot be killed, and the options are checked', async () => {
  await using _ = await RuntimeHarness.start();
  await assert.rejects(kill({}), TypeError);
  await assert.rejects(kill(Counter.remote(), { noRestart: 1 } as never), {
    name: 'TypeError',
    message: 'Cannot kill an actor with noRestart 1 (number): expected true or false',
  });
});
