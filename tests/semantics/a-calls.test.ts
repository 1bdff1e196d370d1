/** Guarantees A1 to A11: calls and their order, as far as they exist now. On real threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActorDiedError,
  cancel,
  exitActor,
  getActor,
  getRuntimeContext,
  kill,
  type ObjectRef,
  PendingCallsLimitExceededError,
  SerializationError,
  TaskCancelledError,
  transfer,
} from '@heddle/actors';
import { Gate, Tally } from '../support/gate.ts';
import { failureOf, RuntimeHarness, settled, valuesOf } from '../support/runtime-harness.ts';
import { AsyncBlocker, Blocker, SlowStarter } from './actors/blocker.ts';
import { Cancellable } from './actors/cancellable.ts';
import { Careless } from './actors/careless.ts';
import { Counter } from './actors/counter.ts';
import { Drifter } from './actors/drifter.ts';
import { Grouped } from './actors/grouped.ts';
import { Keeper } from './actors/keeper.ts';
import { AsyncLeaver, Leaver, LeavesAtStart } from './actors/leaver.ts';
import { Mortal } from './actors/mortal.ts';
import { PingPong } from './actors/ping-pong.ts';
import { AsyncRecorder, Caller, Recorder } from './actors/recorder.ts';
import { Relay } from './actors/relay.ts';
import { ReservedNames } from './actors/reserved-names.ts';
import { Shutter } from './actors/shutter.ts';
import { echo } from './actors/tasks.ts';
import { ThrowsAtStart } from './actors/throws-at-start.ts';

// ── A1 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('A1 a call returns at once, and a failure elsewhere arrives through the ref', async () => {
  await using _ = await RuntimeHarness.start();
  const counter = Counter.remote();
  const ref = counter.fail.remote('far away');
  assert.equal(ref.isSettled, false);
  assert.match((await failureOf(ref)).message, /far away/);
  assert.ok((await failureOf(ThrowsAtStart.remote('no').value.remote())) instanceof ActorDiedError);
});

test('A1 what is wrong at the call throws at the call', async () => {
  await using _ = await RuntimeHarness.start();
  assert.throws(() => Counter.options({ maxRestart: 1 } as object), TypeError);
  assert.throws(() => (Counter.remote() as unknown as { reset: { remote(): void } }).reset.remote(), TypeError);
});

// ── A2 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('A2 an actor runs one call at a time, also when its methods return promises', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const blocker = Blocker.remote();
  const gate = new Gate();
  const refs = [1, 2, 3].map((value) => blocker.wait.remote(gate.memory, value));
  await gate.arrived();
  await Counter.remote().value.remote(); // In the same thread: everything sent before has been looked at.
  assert.equal(gate.arrivals, 1);
  gate.open();
  assert.deepEqual(await valuesOf(refs), [1, 2, 3]);
});

test('A2 an actor with an async method runs a thousand calls at a time, and not one more', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const blocker = AsyncBlocker.remote();
  const gate = new Gate();
  const refs = Array.from({ length: 1_001 }, (_, value) => blocker.wait.remote(gate.memory, value));
  await gate.arrived(1_000);
  await Counter.remote().value.remote();
  assert.equal(gate.arrivals, 1_000);
  gate.open();
  assert.deepEqual(
    await valuesOf(refs),
    Array.from({ length: 1_001 }, (_, value) => value),
  );
  assert.equal(gate.arrivals, 1_001);
});

for (const maxConcurrency of [1, 3]) {
  test(`A2 maxConcurrency ${maxConcurrency} holds for actors with and without async methods`, async () => {
    await using _ = await RuntimeHarness.start({ workers: 1 });
    for (const Class of [AsyncBlocker, Blocker] as (typeof AsyncBlocker)[]) {
      const blocker = Class.options({ maxConcurrency }).remote();
      const gate = new Gate();
      const refs = Array.from({ length: 5 }, (_, value) => blocker.wait.remote(gate.memory, value));
      await gate.arrived(maxConcurrency);
      await Counter.remote().value.remote();
      assert.equal(gate.arrivals, maxConcurrency);
      gate.open();
      assert.deepEqual(await valuesOf(refs), [0, 1, 2, 3, 4]);
    }
  });
}

// ── A3 ─────────────────────────────────────────────────────────────────────────────────────────────────────

const upTo = (length: number): number[] => Array.from({ length }, (_, index) => index);

for (const Class of [Recorder, AsyncRecorder] as (typeof Recorder)[]) {
  test(`A3 calls start in the order in which they were made, before and after the actor lives: ${Class.declaration.name}`, async () => {
    await using _ = await RuntimeHarness.start();
    const recorder = Class.remote();
    const refs = upTo(500).map((entry) => recorder.note.remote(entry));
    await refs[250];
    for (const entry of upTo(9_000)) {
      refs.push(recorder.note.remote(500 + entry));
      if (entry % 1_000 === 0) await refs.at(-1);
    }
    await valuesOf(refs);
    assert.deepEqual(await recorder.notes.remote(), upTo(9_500));
  });
}

test('A3 handles of one actor in one caller keep one order', async () => {
  await using _ = await RuntimeHarness.start();
  const first = Recorder.options({ name: 'recorder' }).remote();
  const second = await getActor<typeof Recorder>('recorder');
  const refs = upTo(200).map((entry) => (entry % 3 === 0 ? first : second).note.remote(entry));
  await valuesOf(refs);
  assert.deepEqual(await first.notes.remote(), upTo(200));
});

for (const workers of [1, 3]) {
  test(`A3 a call whose argument is not ready holds back the later calls of its caller alone: ${workers} worker(s)`, async () => {
    await using _ = await RuntimeHarness.start({ workers });
    const recorder = Recorder.remote();
    const [patient, hasty, source] = [Caller.remote(recorder), Caller.remote(recorder), AsyncBlocker.remote()];
    await valuesOf([source.ready.remote(), patient.answers.remote(), hasty.answers.remote(), recorder.notes.remote()]);

    const gate = new Gate();
    await patient.noteAnswerOf.remote(source, gate.memory, 'patient 1', ['patient 2', 'patient 3']);
    await gate.arrived();
    const mine = recorder.note.remote('driver');
    await hasty.note.remote(['hasty 1', 'hasty 2']);
    await valuesOf([mine, hasty.answers.remote()]);
    const notes = (await recorder.notes.remote()) as string[];
    assert.deepEqual(notes.toSorted(), ['driver', 'hasty 1', 'hasty 2']);

    gate.open();
    await valuesOf([patient.answers.remote()]);
    assert.deepEqual((await recorder.notes.remote()).slice(3), ['patient 1', 'patient 2', 'patient 3']);
  });
}

test('A3 at an async actor a call whose argument is not ready holds back nobody', async () => {
  await using _ = await RuntimeHarness.start();
  const [recorder, source] = [AsyncRecorder.remote(), AsyncBlocker.remote()];
  const gate = new Gate();
  const late = recorder.note.remote(source.wait.remote(gate.memory, 'late'));
  await valuesOf([recorder.note.remote('first'), recorder.note.remote('second')]);
  gate.open();
  await late;
  assert.deepEqual(await recorder.notes.remote(), ['first', 'second', 'late']);
});

test('A3 at an async actor a call whose argument is there already is not passed by a later one', async () => {
  await using _ = await RuntimeHarness.start();
  const [recorder, counter] = [AsyncRecorder.remote(), Counter.remote(7)];
  const ready = counter.value.remote();
  await valuesOf([ready, recorder.notes.remote()]);
  await valuesOf([recorder.note.remote(ready), recorder.note.remote('later')]);
  assert.deepEqual(await recorder.notes.remote(), [7, 'later']);
});

test('A3 three hundred actors made and called in one burst from two threads: no call comes before its actor', async () => {
  await using _ = await RuntimeHarness.start({ workers: 3 });
  const [relay, other] = [Relay.remote(), Relay.remote()];
  await valuesOf([relay.workerId.remote(), other.workerId.remote()]);

  const theirs = relay.makeAndCall.remote(150);
  const mine = upTo(150).map((start) => {
    const counter = Counter.remote(start);
    return [counter.value.remote(), other.valueOf_.remote(counter)];
  });
  assert.deepEqual(
    await valuesOf(mine.flat()),
    upTo(150).flatMap((start) => [start, start]),
  );
  assert.deepEqual(await theirs, upTo(150));
});

// ── A4 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('A4 arguments are copied when the call is made, and two calls do not share an object', async () => {
  await using _ = await RuntimeHarness.start();
  const keeper = Keeper.remote();
  const object = { n: 0 };
  const early = keeper.keep.remote(object); // Before the actor lives.
  object.n = 1;
  await early;
  const [late, twice] = [keeper.keep.remote(object), keeper.keep.remote(object)];
  object.n = 2;
  await valuesOf([late, twice, keeper.change.remote(1)]);
  assert.deepEqual(await keeper.kept.remote(), [{ n: 0 }, { n: 2 }, { n: 1 }]);
});

test('A4 the same holds for results, each copied when its method returns', async () => {
  await using _ = await RuntimeHarness.start();
  const keeper = Keeper.remote({ n: 0 });
  const [first, , second, third] = (await valuesOf([
    keeper.own.remote(0),
    keeper.change.remote(0),
    keeper.own.remote(0),
    keeper.own.remote(0),
  ])) as { n: number }[];
  assert.deepEqual([first, second, third], [{ n: 0 }, { n: 1 }, { n: 1 }]);
  assert.notEqual(second, third);
  second!.n = 9;
  assert.deepEqual(await keeper.own.remote(0), { n: 1 });
});

test('A4 between two actors of one thread values are copied all the same', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const recorder = Recorder.remote();
  const caller = Caller.remote(recorder);
  const shared = { n: 0 };
  await caller.note.remote([shared, shared]);
  await caller.answers.remote();
  const keeper = Keeper.remote();
  await keeper.keep.remote(recorder.notes.remote());
  const [[one, two]] = (await keeper.kept.remote()) as [[object, object]];
  assert.deepEqual([one, two], [{ n: 0 }, { n: 0 }]);
});

test('A4 of large binary data both sides have their own too: of arguments, of results, and only the part that was given', async () => {
  await using _ = await RuntimeHarness.start();
  const keeper = Keeper.remote();
  const bytes = new Uint8Array(100_000).fill(1);
  const part = bytes.subarray(10, 50_010);
  const kept = [keeper.keep.remote(bytes), keeper.keep.remote(part), keeper.keep.remote({ at: [bytes.buffer] })];
  bytes.fill(2);
  await valuesOf(kept);
  assert.equal(bytes.length, 100_000);
  const given = (await keeper.kept.remote()) as [Uint8Array, Uint8Array, { at: [ArrayBuffer] }];
  assert.deepEqual(given, [new Uint8Array(100_000).fill(1), new Uint8Array(50_000).fill(1), { at: [given[2].at[0]] }]);
  assert.equal(given[1].buffer.byteLength, 50_000);
  assert.deepEqual(new Uint8Array(given[2].at[0]), new Uint8Array(100_000).fill(1));
  for (const each of given.slice(0, 2) as Uint8Array[]) each.fill(3);
  const again = (await keeper.kept.remote()) as Uint8Array[];
  assert.deepEqual(again[0], new Uint8Array(100_000).fill(1), 'the actor has kept what it answered with');
});

test('A4 large binary data of a call that had not begun reach the next incarnation whole', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const keeper = Keeper.options({ maxRestarts: 1 }).remote();
  await keeper.kept.remote();
  const gate = new Gate();
  const blocking = Mortal.remote().run.remote(0, new Tally(1).memory, 0, gate.memory);
  await gate.arrived();
  const kept = keeper.keep.remote(new Uint8Array(100_000).fill(7));
  await new Promise(setImmediate); // It is on its way.
  await harness.terminateOnly();
  gate.open();
  assert.ok((await failureOf(blocking)) instanceof ActorDiedError);
  await kept;
  assert.deepEqual(await keeper.kept.remote(), [new Uint8Array(100_000).fill(7)]);
});

test('A4 sharing and cycles survive within one argument and not between two', async () => {
  await using _ = await RuntimeHarness.start();
  const keeper = Keeper.remote();
  const cycle: { self?: object; list: object[] } = { list: [] };
  cycle.self = cycle;
  cycle.list.push(cycle);
  const back = (await keeper.echo.remote(cycle)) as typeof cycle;
  assert.equal(back.self, back);
  assert.equal(back.list[0], back);
  assert.equal(await keeper.areOne.remote(cycle, cycle), false);
});

test('A4 a constructor sees its arguments as they were at the call, now and when it runs again', async () => {
  await using _ = await RuntimeHarness.start();
  const object = { n: 0 };
  const slow = AsyncBlocker.remote();
  const gate = new Gate();
  const waiting = Keeper.remote(object, slow.wait.remote(gate.memory, 'ready'));
  const keeper = Keeper.options({ maxRestarts: 1 }).remote(object);
  object.n = 1;
  assert.deepEqual(await keeper.kept.remote(), [{ n: 0 }]);
  await keeper.change.remote(0);
  await kill(keeper, { noRestart: false });
  assert.deepEqual(await keeper.kept.remote(), [{ n: 0 }]);
  gate.open();
  assert.deepEqual(await waiting.kept.remote(), [{ n: 0 }, 'ready']);
});

test('A4 a value that came with a ref is sent as it is when the call is made', async () => {
  await using _ = await RuntimeHarness.start();
  const keeper = Keeper.remote();
  const ref = keeper.echo.remote({ n: 0 }) as ObjectRef<{ n: number }>;
  const value = await ref;
  const kept = keeper.keep.remote(ref);
  value.n = 1;
  await kept;
  assert.deepEqual(await keeper.kept.remote(), [{ n: 0 }]);
});

test('A4 one value in the midst of a thousand calls cannot be sent: that ref alone fails and names the path', async () => {
  await using _ = await RuntimeHarness.start();
  const keeper = Keeper.remote();
  for (const isAlive of [false, true]) {
    if (isAlive) await keeper.echo.remote(0);
    const outcomes = await settled(
      upTo(1_000).map((n) =>
        n === 500 ? keeper.echo.remote({ n, options: { onDone: () => n } }) : keeper.echo.remote({ n }),
      ),
    );
    for (const [n, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') {
        assert.notEqual(n, 500);
        assert.deepEqual(outcome.value, { n });
      } else {
        assert.equal(n, 500);
        assert.ok(outcome.reason instanceof SerializationError);
        assert.equal(outcome.reason.path, 'argument 1 .options.onDone');
      }
    }
  }
});

test('A4 a result that cannot be sent fails its ref alone and names the path', async () => {
  await using _ = await RuntimeHarness.start();
  const keeper = Keeper.remote();
  const [before, failing, after] = [keeper.echo.remote(1), keeper.unsendable.remote(), keeper.echo.remote(2)];
  const error = await failureOf(failing);
  assert.ok(error instanceof SerializationError);
  assert.equal(error.path, 'the result .parts[0].callback');
  assert.match(error.message, /Keeper\.unsendable/);
  assert.deepEqual(await valuesOf([before, after]), [1, 2]);
});

test('A4 a value too deep for a stack to follow is refused, and no other call is lost with it', async () => {
  await using _ = await RuntimeHarness.start();
  const keeper = Keeper.remote();
  let deep: unknown = null;
  for (let level = 0; level < 20_000; level++) deep = { inner: deep };
  const refs = [
    keeper.echo.remote(1),
    keeper.nested.remote(5_000), // A worker's stack could write it, the driver's could not read it.
    keeper.echo.remote(deep),
    keeper.echo.remote(2),
  ];
  const [first, result, argument, last] = await settled(refs);
  assert.deepEqual(
    [first, last].map((outcome) => outcome?.status === 'fulfilled' && outcome.value),
    [1, 2],
  );
  for (const outcome of [result, argument])
    assert.ok(outcome?.status === 'rejected' && outcome.reason instanceof SerializationError);
  assert.equal(typeof (await keeper.nested.remote(1_000)), 'object');
});

test('A4 a call from inside a getter of an argument is refused and harms no other', async () => {
  await using _ = await RuntimeHarness.start();
  const [counter, careless] = [Counter.remote(), Careless.remote()];
  await counter.increment.remote();
  assert.match(await careless.callInGetter.remote(counter), /^Cannot send argument 1 \.field of Counter\.increment: /);
  assert.equal(await counter.increment.remote(), 2);
});

// ── A5 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('A4 a Proxy that answers nothing fails the ref, throws nothing, and leaves no call behind', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const keeper = Keeper.remote();
  for (const call of [keeper.echo.remote(proxy), keeper.echo.remote({ proxy }), echo.remote(proxy)])
    assert.ok((await failureOf(call)) instanceof SerializationError);
  const { cause } = await failureOf(Keeper.remote(proxy).kept.remote());
  assert.ok(cause instanceof SerializationError);
  assert.equal(harness.runtime.stats().pendingCalls, 0);
});

test('A5 the call beyond maxPendingCalls throws at the call, whichever handle makes it', async () => {
  await using _ = await RuntimeHarness.start();
  const gate = new Gate();
  const starter = SlowStarter.options({ name: 'slow', maxPendingCalls: 3 }).remote(gate.memory, 'value');
  const other = await getActor<typeof SlowStarter>('slow');
  const refs = [starter.value.remote(), other.value.remote(), starter.value.remote()]; // It does not live yet.
  for (const handle of [starter, other]) {
    assert.throws(
      () => handle.value.remote(),
      (error) => error instanceof PendingCallsLimitExceededError && error.retryable && /: 3 calls/.test(error.message),
    );
  }
  gate.open();
  assert.deepEqual(await valuesOf(refs), ['value', 'value', 'value']);
  assert.equal(await other.value.remote(), 'value');
});

test('A5 running calls and calls with arguments that are not ready count, failed ones no longer do', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const gate = new Gate();
  const [blocker, source] = [AsyncBlocker.options({ maxPendingCalls: 2 }).remote(), AsyncBlocker.remote()];
  const running = blocker.wait.remote(gate.memory, 'running');
  const unready = blocker.wait.remote(gate.memory, source.wait.remote(gate.memory, 'unready'));
  assert.throws(() => blocker.ready.remote(), PendingCallsLimitExceededError);
  gate.open();
  assert.deepEqual(await valuesOf([running, unready]), ['running', 'unready']);
  for (let turn = 0; turn < 3; turn++) {
    await failureOf(blocker.wait.remote((() => {}) as never));
    await failureOf(blocker.wait.remote(Counter.remote().fail.remote('no argument') as never));
  }
  assert.equal(await blocker.ready.remote(), true);
});

test('A5 the limit is ten thousand unless lifted by -1', async () => {
  await using _ = await RuntimeHarness.start();
  const gate = new Gate();
  const [limited, unlimited] = [
    SlowStarter.remote(gate.memory, 1),
    SlowStarter.options({ maxPendingCalls: -1 }).remote(gate.memory, 2),
  ];
  const refs = upTo(10_000).map(() => limited.value.remote());
  assert.throws(() => limited.value.remote(), PendingCallsLimitExceededError);
  for (let call = 0; call < 10_001; call++) refs.push(unlimited.value.remote());
  gate.open();
  const values = await valuesOf(refs);
  assert.equal(values.filter((value) => value === 1).length, 10_000);
  assert.equal(values.filter((value) => value === 2).length, 10_001);
});

test('A4 what is transferred moves at the call, and such a call is never run again', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const keeper = Keeper.options({ maxRestarts: 1, maxTaskRetries: -1 }).remote();
  const bytes = new Uint8Array([1, 2, 3]);
  const kept = keeper.keep.remote(transfer(bytes, [bytes.buffer]));
  assert.equal(bytes.length, 0);
  await kept;
  assert.deepEqual(await keeper.kept.remote(), [new Uint8Array([1, 2, 3])]);

  const mortal = Mortal.options({ maxRestarts: -1, maxTaskRetries: -1 }).remote();
  const gate = new Gate();
  const more = new Uint8Array(8);
  const moved = mortal.run.remote(0, new Tally(1).memory, 0, transfer(gate.memory, [more.buffer]));
  await gate.arrived();
  await harness.terminateOnly();
  gate.open();
  const error = await failureOf(moved);
  assert.ok(error instanceof ActorDiedError && error.began);
});

test('A4 what a call moves is no argument of the constructor: the actor is made anew with those it had', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const keeper = Keeper.options({ maxRestarts: 1 }).remote('first');
  const bytes = new Uint8Array([1, 2, 3]);
  await keeper.keep.remote(transfer(bytes, [bytes.buffer]));
  await harness.terminateOnly();
  assert.deepEqual(await keeper.kept.remote(), ['first']);
});

test('A5 the limit is each caller’s own, also of callers that share a thread', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const recorder = Recorder.options({ maxPendingCalls: 2 }).remote();
  const callers = [Caller.remote(recorder), Caller.remote(recorder)];
  await valuesOf([...callers.map((caller) => caller.answers.remote()), recorder.notes.remote()]);
  await valuesOf(callers.map((caller) => caller.note.remote([1, 2]))); // In one turn, each as much as it may.
});

// ── A6 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('A6 a full concurrency group delays no other, and the default group has the actor’s own limit', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const grouped = Grouped.options({ maxConcurrency: 1, concurrencyGroups: { io: 2, other: 1 } }).remote();
  const [io, rest] = [new Gate(), new Gate()];
  const reads = upTo(3).map((value) => grouped.read.remote(io.memory, value));
  const computed = upTo(2).map((value) => grouped.compute.remote(rest.memory, value));
  await io.arrived(2);
  await rest.arrived(1);
  const third = new Gate();
  const other = grouped.compute.options({ concurrencyGroup: 'other' }).remote(third.memory, 'other');
  await third.arrived();
  await Counter.remote().value.remote();
  assert.deepEqual([io.arrivals, rest.arrivals], [2, 1]);
  third.open();
  assert.equal(await other, 'other');
  rest.open();
  assert.deepEqual(await valuesOf(computed), [0, 1]);
  io.open();
  assert.deepEqual(await valuesOf(reads), [0, 1, 2]);
});

test('A6 a group that was not declared is a RangeError at the call, and of a method when the actor is made', async () => {
  await using _ = await RuntimeHarness.start();
  const grouped = Grouped.options({ concurrencyGroups: { io: 1 } }).remote();
  assert.throws(() => grouped.ran.options({ concurrencyGroup: 'no' }).remote(), {
    name: 'RangeError',
    message: /in concurrency group "no": expected one of "io"$/,
  });
  assert.throws(() => Grouped.remote(), { name: 'RangeError', message: /method "read" is in concurrency group "io"/ });
  assert.equal(await grouped.ran.remote(), 0);
});

// ── A7 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('A7 an unknown option or a wrong type is a TypeError, a value out of range a RangeError, both quoting it', () => {
  assert.throws(() => Counter.options({ maxRestarts: '3' } as object), {
    name: 'TypeError',
    message: 'Cannot create an actor with maxRestarts "3" (string): expected an integer',
  });
  assert.throws(() => Counter.options({ maxRestarts: -2 }), {
    name: 'RangeError',
    message: 'Cannot create an actor with maxRestarts -2: expected an integer of -1 or more',
  });
  assert.throws(() => Counter.options({ maxRestart: 3 } as object), {
    name: 'TypeError',
    message: /^Cannot create an actor with option "maxRestart": expected one of "name", /,
  });
});

test('A7 the options of a call are checked like those of an actor', async () => {
  await using _ = await RuntimeHarness.start();
  const { value } = Counter.remote();
  assert.throws(() => value.options({ numReturn: 1 } as object), {
    name: 'TypeError',
    message: /^Cannot call method "value" with option "numReturn": expected one of "numReturns", /,
  });
  assert.throws(() => value.options({ numReturns: -1 }), { name: 'RangeError', message: /with numReturns -1: / });
  assert.throws(() => value.options({ maxTaskRetries: '1' } as object), {
    name: 'TypeError',
    message: /"1" \(string\)/,
  });
  assert.throws(() => value.options({ retryExceptions: 'all' } as object), { name: 'TypeError', message: /"all"/ });
  assert.throws(() => value.options({ concurrencyGroup: 1 } as object), { name: 'TypeError', message: /1 \(number\)/ });
});

test('A7 a thrown error is retried as often as the options say, if it is of a listed class', async () => {
  await using _ = await RuntimeHarness.start();
  const grouped = () => Grouped.options({ concurrencyGroups: { io: 1 } }).remote();
  assert.equal(await grouped().flaky.remote(4, 'range'), 4);
  assert.match((await failureOf(grouped().flaky.remote(5, 'range'))).message, /RangeError: again/);
  assert.match((await failureOf(grouped().flaky.remote(2, 'type'))).message, /TypeError: no/);
  const all = grouped().flaky.options({ retryExceptions: true, maxTaskRetries: 1 });
  assert.equal(await all.remote(2, 'type'), 2);
  assert.match((await failureOf(grouped().flaky.options({ maxTaskRetries: 0 }).remote(2, 'range'))).message, /again/);
});

test('A7 calling a method directly is a TypeError that says to use .remote()', async () => {
  await using _ = await RuntimeHarness.start();
  const counter = Counter.remote() as unknown as { increment(): void };
  assert.throws(() => counter.increment(), {
    name: 'TypeError',
    message: 'Cannot call method "increment" of an actor directly: use handle.increment.remote() instead',
  });
});

test('A7 a method may have almost any name', async () => {
  await using _ = await RuntimeHarness.start();
  const handle = ReservedNames.remote();
  assert.equal(await handle.actor.remote(), 'actor');
  assert.equal(await handle.remote.remote(), 'remote');
  assert.equal(await handle.method.remote(), 'method');
  assert.equal(await (handle.toString as unknown as { remote(): ObjectRef<string> }).remote(), 'toString');
});

// ── A8, A9 ─────────────────────────────────────────────────────────────────────────────────────────────────

test('A8 a handle may be passed at any depth, and both ends reach the same actor', async () => {
  await using _ = await RuntimeHarness.start();
  const [counter, relay, other] = [Counter.remote(10), Relay.remote(), Relay.remote()];
  assert.equal(await relay.incrementIn.remote({ deep: [{ counter }] }), 11);
  assert.equal(await other.incrementIn.remote({ deep: [{ counter }] }), 12);
  assert.equal(await counter.value.remote(), 12);
});

test('A8 a handle that an actor returns reaches its actor, and so does one in a constructor', async () => {
  await using _ = await RuntimeHarness.start();
  const relay = Relay.remote();
  const own = await relay.makeOwn.remote(5);
  assert.equal(await own.increment.remote(), 6);
  const recorder = Recorder.remote();
  const caller = Caller.remote(recorder);
  await caller.note.remote(['passed']);
  await caller.answers.remote();
  assert.deepEqual(await recorder.notes.remote(), ['passed']);
});

test('A8 a handle of another runtime is refused, wherever it is used', async () => {
  await using harness = await RuntimeHarness.startSeparate({ workers: 1 });
  const other = await harness.startAnother();
  const mine = harness.runtime.create(Counter, [1]);
  const theirs = other.create(Counter, [2]);
  const keeper = harness.runtime.create(Keeper, []);
  await assert.rejects(harness.runtime.kill(theirs), /another runtime/);
  assert.match((await failureOf(keeper.keep.remote({ theirs }))).message, /argument 1 \.theirs .*another runtime/);
  assert.deepEqual(await valuesOf([mine.value.remote(), theirs.value.remote()]), [1, 2]);
});

for (const workers of [1, 2]) {
  test(`A9 two actors that call each other without end go on while the driver stands still, and leave room for others: ${workers} worker(s)`, async () => {
    await using _ = await RuntimeHarness.start({ workers });
    const [ping, pong] = [PingPong.remote(), PingPong.remote()];
    await valuesOf([ping.meet.remote(pong), pong.meet.remote(ping)]);
    const words = new Int32Array(new SharedArrayBuffer(8));
    await ping.hit.remote(words.buffer, 2_000);
    while (Atomics.load(words, 0) < 4) await ping.timerFires.remote(); // Each has found the other, which the driver tells.
    assert.equal(Atomics.wait(words, 1, 0, 60_000), 'ok');
    assert.equal(await ping.timerFires.remote(), true);
    assert.equal(await Counter.remote(3).value.remote(), 3);
    await valuesOf([ping.stop.remote(), pong.stop.remote()]);
  });
}

test('A9 an actor that waits for itself waits for ever, and one sees that a call is pending', async () => {
  await using harness = await RuntimeHarness.start();
  const caller = Caller.remote(Recorder.remote());
  assert.deepEqual(await caller.answers.remote(), []);
  const mortal = Mortal.remote();
  const stuck = mortal.hang.remote();
  await Counter.remote().value.remote();
  assert.equal(harness.runtime.stats().pendingCalls, 1);
  await kill(mortal);
  assert.ok((await failureOf(stuck)) instanceof ActorDiedError);
  assert.equal(harness.runtime.stats().pendingCalls, 0);
});

// ── A10 ────────────────────────────────────────────────────────────────────────────────────────────────────

test('A10 exitActor ends the actor after the current call: what waits fails, it is not restarted', async () => {
  await using harness = await RuntimeHarness.start();
  const leaver = Leaver.options({ name: 'leaver', maxRestarts: -1, maxTaskRetries: -1 }).remote();
  const tally = new Tally(2);
  const refs = [leaver.work.remote(), leaver.leave.remote(tally.memory), leaver.work.remote()];
  const [before, leaving, after] = await settled(refs);
  assert.equal(before?.status === 'fulfilled' && before.value, 'worked');
  for (const [outcome, began] of [[leaving, true] as const, [after, false] as const]) {
    assert.ok(outcome?.status === 'rejected' && outcome.reason instanceof ActorDiedError);
    assert.equal(outcome.reason.began, began);
  }
  assert.deepEqual([tally.of(0), tally.of(1)], [1, 0]); // What stands after exitActor() never runs.
  assert.ok((await failureOf(leaver.work.remote())) instanceof ActorDiedError);
  const [row] = harness.runtime.listActors();
  assert.equal(row?.state, 'DEAD');
  assert.equal(row?.restartCount, 0);
  assert.match(String(row?.deathCause), /exitActor/);
});

test('A10 running concurrent calls finish, and calls made meanwhile fail', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const leaver = AsyncLeaver.remote();
  const gate = new Gate();
  const running = [leaver.wait.remote(gate.memory, 1), leaver.wait.remote(gate.memory, 2)];
  await gate.arrived(2);
  const leaving = leaver.leave.remote();
  await Counter.remote().value.remote();
  await Counter.remote().value.remote(); // Its turn after: by now exitActor() has been called.
  const late = leaver.wait.remote(gate.memory, 3);
  await Counter.remote().value.remote();
  gate.open();
  assert.deepEqual(await valuesOf(running), [1, 2]);
  for (const ref of [leaving, late]) assert.ok((await failureOf(ref)) instanceof ActorDiedError);
});

test('A10 exitActor in the callback of a promise leaves like any other', async () => {
  await using _ = await RuntimeHarness.start();
  const leaver = Leaver.remote();
  assert.ok((await failureOf(leaver.leaveLater.remote())) instanceof ActorDiedError);
});

test('A10 outside an actor exitActor is a TypeError, and in a constructor the actor is dead', async () => {
  await using _ = await RuntimeHarness.start();
  assert.throws(() => exitActor(), TypeError);
  const error = await failureOf(LeavesAtStart.options({ maxRestarts: -1 }).remote().work.remote());
  assert.ok(error instanceof ActorDiedError);
  assert.equal(error.began, false);
});

test('A10 onShutdown is awaited when the actor leaves or is released, and never when it is killed', async () => {
  await using harness = await RuntimeHarness.start();
  const dead = (tally: Tally) => {
    const death = Promise.withResolvers<number>();
    const watching = harness.runtime.watchActors(({ state }) => {
      if (state !== 'DEAD') return;
      watching[Symbol.dispose]();
      death.resolve(tally.of(1));
    });
    return valuesOf([death.promise]);
  };
  const [left, released, killed, failing] = [new Tally(2), new Tally(2), new Tally(2), new Tally(2)];
  const gate = new Gate();

  const leaver = Shutter.remote(left.memory, gate.memory);
  const leaving = leaver.leave.remote();
  await gate.arrived();
  assert.equal(leaving.isSettled, false);
  const deadOfLeaving = dead(left);
  gate.open();
  assert.deepEqual(await deadOfLeaving, [1], 'the hook has ended before the actor is DEAD');
  assert.ok((await failureOf(leaving)) instanceof ActorDiedError);

  const releasing = Shutter.remote(released.memory);
  const ready = releasing.ready.remote();
  const deadOfRelease = dead(released);
  releasing.release();
  assert.equal(await ready, true);
  assert.deepEqual(await deadOfRelease, [1]);

  const thrower = Shutter.remote(failing.memory, undefined, true);
  assert.ok((await failureOf(thrower.leave.remote())) instanceof ActorDiedError);
  assert.deepEqual([failing.of(0), failing.of(1)], [1, 0]);

  const victim = Shutter.remote(killed.memory);
  await victim.ready.remote();
  await kill(victim);
  assert.ok((await failureOf(victim.ready.remote())) instanceof ActorDiedError);
  await Counter.remote().value.remote();
  assert.equal(killed.of(0), 0);
});

// ── A11 ────────────────────────────────────────────────────────────────────────────────────────────────────

test('A11 a call knows its actor, name, namespace, worker and restarts; the actor id survives a restart', async () => {
  await using harness = await RuntimeHarness.start({ namespace: 'here' });
  const counter = Counter.options({ name: 'known', maxRestarts: 1 }).remote();
  const first = await counter.context.remote();
  await harness.terminateOnly();
  const second = await counter.context.remote();
  const { workerId: firstWorker, ...firstRest } = first;
  const { workerId: secondWorker, ...secondRest } = second;
  assert.notEqual(firstWorker, secondWorker);
  assert.deepEqual(harness.workerIds, [secondWorker]);
  assert.deepEqual(secondRest, { ...firstRest, restartCount: 1 });
  assert.equal(first.actorName, 'known');
  assert.equal(first.namespace, 'here');
  assert.match(String(first.actorId), /^actor_/);
});

test('A11 who an actor is does not depend on those made before it: named, made anew, or of another class', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1, namespace: 'here' });
  const known = Counter.options({ name: 'known', namespace: 'there', maxRestarts: 1 }).remote();
  await known.context.remote();
  await harness.terminateOnly();
  assert.equal((await known.context.remote()).restartCount, 1);
  const keeper = Keeper.remote('first');
  const makers = [
    () => Counter.remote(),
    () => Counter.options({ namespace: 'there' }).remote(),
    () => Counter.remote(),
  ];
  const contexts = await valuesOf([...makers, ...makers].map((make) => make().context.remote()));
  assert.deepEqual(
    contexts.map(({ actorName, namespace, restartCount }) => [actorName, namespace, restartCount]),
    ['here', 'there', 'here', 'here', 'there', 'here'].map((namespace) => [undefined, namespace, 0]),
  );
  assert.equal(new Set(contexts.map(({ actorId }) => actorId)).size, 6);
  assert.deepEqual(await keeper.kept.remote(), ['first']);
});

test('A11 each call has a task id of its own, the same all through it, and a signal that is not aborted', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = Cancellable.remote();
  const ids = (await valuesOf([actor.ids.remote(), actor.ids.remote()])) as (readonly [string, string])[];
  for (const [before, after] of ids) {
    assert.match(before, /^task_/);
    assert.equal(after, before);
  }
  assert.notEqual(ids[0]?.[0], ids[1]?.[0]);
  assert.equal(await actor.isAborted.remote(), false);
});

for (const maxConcurrency of [1, 3]) {
  test(`A11 the context lasts beyond an await in a class without a public async method, ${maxConcurrency} at a time`, async () => {
    await using _ = await RuntimeHarness.start({ workers: 1 });
    const gate = new Gate();
    const actors = ['one', 'two'].map((name) => Drifter.options({ name, maxConcurrency }).remote());
    const refs = actors.flatMap((actor) => [
      actor.byHelper.remote(gate.memory),
      actor.byPrivateMethod.remote(gate.memory),
    ]);
    await gate.arrived(actors.length); // Their calls run in turns within one thread.
    gate.open();
    const places = await valuesOf(refs);
    for (const [before, after] of places) assert.deepEqual(after, before);
    assert.deepEqual(
      places.map(([before]) => before?.actorName),
      ['one', 'one', 'two', 'two'],
    );
    assert.equal(new Set(places.map(([before]) => before?.taskId)).size, refs.length);
  });
}

test('A11 a call of a class without a public async method sees its cancel after it has waited', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const gate = new Gate();
  const ref = Drifter.remote().untilCancelled.remote(gate.memory);
  await gate.arrived();
  gate.open();
  await cancel(ref);
  assert.ok((await failureOf(ref)) instanceof TaskCancelledError);
});

test('A11 the driver is in no actor, and without a runtime there is no context', async () => {
  assert.throws(() => getRuntimeContext(), TypeError);
  await using _ = await RuntimeHarness.start({ namespace: 'here' });
  const { actorId, namespace, restartCount } = getRuntimeContext();
  assert.deepEqual([actorId, namespace, restartCount], [undefined, 'here', 0]);
});
