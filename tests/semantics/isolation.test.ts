/**
 * `isolation: "process"`: the guarantees of actors, for one in a process of its own. On real processes; the harness
 * proves that none is left.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import {
  ActorDiedError,
  cancel,
  get,
  getActor,
  kill,
  put,
  SerializationError,
  TaskCancelledError,
  TaskError,
  transfer,
  watch,
} from '@heddle/actors';
import { FileGate } from '../support/file-gate.ts';
import { LivingProgram } from '../support/living-program.ts';
import { childPids, failureOf, nextTurn, RuntimeHarness, settled, valuesOf } from '../support/runtime-harness.ts';
import { Counter } from './actors/counter.ts';
import { type End, Hermit, outcomeOf, Visitor } from './actors/hermit.ts';
import { Recorder } from './actors/recorder.ts';
import { Consumer, Streamer } from './actors/streamer.ts';
import { Stuck } from './actors/stuck.ts';

const APART = { isolation: 'process' } as const;
const upTo = (length: number): number[] => Array.from({ length }, (_, index) => index);

/** Two kinds of place for an actor: what holds for one holds for the other. */
const PLACES = ['thread', 'process'] as const;

// ── Where it runs ──────────────────────────────────────────────────────────────────────────────────────────

test('an actor with isolation "process" runs in a process of its own, and the state API shows it with its pid', async () => {
  await using harness = await RuntimeHarness.start();
  const hermit = Hermit.options(APART).remote();
  const pid = await hermit.pid.remote();
  assert.notEqual(pid, process.pid);
  assert.deepEqual(childPids(), [pid]);
  const [row] = harness.runtime.listActors();
  assert.deepEqual([row?.state, row?.pid], ['ALIVE', pid]);
  const worker = harness.runtime.listWorkers().find(({ workerId }) => workerId === row?.workerId);
  assert.deepEqual([worker?.pid, worker?.role, worker?.actors, worker?.isAlive], [pid, 'actor', 1, true]);
  assert.equal(harness.runtime.stats().workers, 1);
  await valuesOf([harness.runtime.pingWorker(worker!.workerId), hermit.pid.remote()]);
});

test('as many actors as `isolated` says have a thread or a process of their own, together', async () => {
  await using _ = await RuntimeHarness.start({ isolated: 2 });
  const [near, far] = [Hermit.options({ isolation: 'thread' }).remote(), Hermit.options(APART).remote()];
  for (const isolation of PLACES) {
    const error = await failureOf(Hermit.options({ isolation }).remote().pid.remote());
    assert.ok((error.cause as Error) instanceof RangeError);
    assert.match(error.message, new RegExp(`Cannot give an actor a ${isolation} of its own: 2 actors have`));
  }
  assert.notEqual(await near.pid.remote(), await far.pid.remote());
  await kill(far);
  const instead = Hermit.options({ isolation: 'thread', maxRestarts: 1 }).remote(); // While the process of the dead one ends.
  assert.equal(await instead.pid.remote(), process.pid);
  await kill(instead, { noRestart: false });
  assert.equal(await instead.pid.remote(), process.pid);
});

test('resourceLimits that a process has not are refused, and any for a shared thread', () => {
  assert.throws(() => Hermit.options({ ...APART, resourceLimits: { codeRangeSizeMb: 8 } }), RangeError);
  assert.throws(() => Hermit.options({ resourceLimits: { stackSizeMb: 8 } }), TypeError);
  assert.throws(() => Hermit.options({ isolation: 'proces' } as object), RangeError);
});

// ── A: calls and values ────────────────────────────────────────────────────────────────────────────────────

for (const isolation of PLACES) {
  test(`A3 calls of one caller start in order, before and after the actor lives, also across a restart: ${isolation}`, async () => {
    await using _ = await RuntimeHarness.start();
    const recorder = Recorder.options({ isolation, maxRestarts: 1 }).remote();
    const refs = upTo(300).map((entry) => recorder.note.remote(entry));
    await refs[150];
    for (const entry of upTo(5_000)) refs.push(recorder.note.remote(300 + entry));
    await valuesOf(refs);
    assert.deepEqual(await recorder.notes.remote(), upTo(5_300));
    const late = upTo(500).map((entry) => recorder.note.remote(entry));
    await kill(recorder, { noRestart: false });
    const again = upTo(500).map((entry) => recorder.note.remote(500 + entry));
    const lost = (await settled(late)).filter(({ status }) => status === 'rejected').length;
    await valuesOf(again);
    const notes = (await recorder.notes.remote()) as number[];
    assert.deepEqual(
      notes,
      notes.toSorted((left, right) => left - right),
    );
    assert.ok(notes.length + lost >= 500 && notes.length <= 1_000);
  });
}

class Point {
  readonly x: number;
  readonly y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
}

/** Values of every kind that can be sent. */
function allKinds(): Record<string, unknown> {
  const shared = { n: 1 };
  const cycle: Record<string, unknown> = { name: 'cycle' };
  cycle.self = cycle;
  const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
  const holes = [1, undefined, 3];
  delete holes[1];
  return {
    primitives: [undefined, null, true, -0, Number.NaN, 2n ** 80n, 'täxt \u{1f600}', '\0', 1e308, -(2 ** 31)],
    nested: { list: [{ deep: [[shared]] }], __proto__x: 1, '': 2, 0: 3 },
    sharing: [shared, shared, { again: shared }],
    cycle,
    map: new Map<unknown, unknown>([
      [shared, 'by object'],
      ['set', new Set([1, 'two', shared])],
    ]),
    instance: new Point(1, 2),
    dates: [new Date(0), new Date(Number.NaN), /a+b/giu],
    boxed: [Object(1), Object('s'), Object(true), Object(2n)],
    binary: [Buffer.from('bytes'), new Float64Array([1.5, Number.NaN]), new DataView(buffer, 2, 3), buffer],
    twoViews: [new Uint8Array(buffer, 0, 4), new Uint16Array(buffer, 2, 2)],
    holes,
    long: upTo(1_000),
    longText: 'x'.repeat(300_000),
    big: new Uint8Array(3_000_000).fill(7),
    error: Object.assign(new RangeError('outer', { cause: new TypeError('inner') }), {
      code: 'E_CODE',
      details: { n: 1 },
    }),
    errors: new AggregateError([new Error('one'), 'two'], 'both'),
    noPrototype: Object.assign(Object.create(null), { a: 1 }),
    surrogates: ['\ud800', '\udfff\ud800'],
  };
}

test('A4 values of every kind come back from a process as they come back from a thread', async () => {
  await using _ = await RuntimeHarness.start();
  const [near, far] = [Hermit.remote(), Hermit.options(APART).remote()];
  for (const [kind, value] of Object.entries(allKinds())) {
    const [here, there] = await valuesOf([near.echo.remote(value), far.echo.remote(value)]);
    assert.deepStrictEqual(there, here, kind);
    if (value instanceof Error) assert.equal((there as Error).stack, (here as Error).stack);
  }
  const cycle = (await far.echo.remote(allKinds().cycle)) as { self: unknown };
  assert.equal(cycle.self, cycle);
  const [first, second] = (await far.echo.remote(allKinds().twoViews)) as [Uint8Array, Uint16Array];
  assert.equal(first.buffer, second.buffer);
  const one = { n: 1 };
  assert.equal(await far.areOne.remote(one, one), false);
});

test('A4 arguments are copied when the call is made, results when the method returns', async () => {
  await using _ = await RuntimeHarness.start();
  const value = { n: 1, bytes: new Uint8Array([1]) };
  const hermit = Hermit.options(APART).remote(value);
  const before = hermit.echo.remote(value);
  value.n = 2;
  value.bytes[0] = 2;
  const after = hermit.echo.remote(value);
  const [first, one, two] = await valuesOf([hermit.first.remote(), before, after]);
  assert.deepEqual(
    [first, one],
    [
      { n: 1, bytes: new Uint8Array([1]) },
      { n: 1, bytes: new Uint8Array([1]) },
    ],
  );
  assert.deepEqual(two, { n: 2, bytes: new Uint8Array([2]) });
});

const UNSENDABLE: readonly (readonly [string, () => unknown, RegExp])[] = [
  ['shared memory', () => new SharedArrayBuffer(4), /shared memory cannot be sent to another process/],
  ['a view of it', () => new Uint8Array(new SharedArrayBuffer(4)), /shared memory/],
  ['a blob', () => new Blob(['x']), /\[object Blob\] belongs to this process/],
  ['a function', () => () => {}, /a function cannot be sent/],
];

test('A4 what cannot leave the process is a SerializationError with its path, and no other call is touched', async () => {
  await using _ = await RuntimeHarness.start();
  const hermit = Hermit.options(APART).remote();
  for (const _when of ['before it lives', 'after']) {
    const calls = UNSENDABLE.map(([what, make, problem]) => ({
      what,
      problem,
      refs: [hermit.echo.remote(1), hermit.echo.remote({ deep: [0, make()] }), hermit.echo.remote(3)] as const,
    }));
    for (const { what, problem, refs } of calls) {
      const [before, refused, after] = await settled(refs);
      assert.deepEqual([before.status, after.status], ['fulfilled', 'fulfilled'], what);
      const error = (refused as PromiseRejectedResult).reason;
      assert.ok(error instanceof SerializationError);
      assert.ok(error.message.includes('argument 1 .deep[1]'), error.message);
      assert.match(error.message, problem);
    }
  }
});

test('A4 an actor whose constructor is given what cannot leave the process is dead before there is one', async () => {
  await using _ = await RuntimeHarness.start();
  for (const [, make] of UNSENDABLE) {
    const error = await failureOf(
      Hermit.options(APART)
        .remote({ deep: [make()] })
        .pid.remote(),
    );
    assert.match(
      String(error.cause),
      /SerializationError: Cannot send argument 1 \.deep\[0\] of the constructor of Hermit/,
    );
  }
  assert.deepEqual(childPids(), []);
});

test('A4 a result that cannot leave its process fails its ref alone and names the path', async () => {
  await using _ = await RuntimeHarness.start();
  const hermit = Hermit.options(APART).remote();
  for (const kind of ['shared memory', 'function', 'blob'] as const) {
    const error = await failureOf(hermit.own.remote(kind));
    assert.ok(error instanceof SerializationError);
    assert.match(error.message, /the result \.list\[0\]/);
  }
  assert.equal(await hermit.echo.remote('fine'), 'fine');
});

test('A4 a transfer to a process copies and detaches at the caller; what cannot be moved there is refused and kept', async () => {
  await using _ = await RuntimeHarness.start();
  const hermit = Hermit.options(APART).remote();
  for (const _when of ['before it lives', 'after']) {
    const bytes = new Uint8Array([1, 2, 3]);
    const moved = hermit.echo.remote(transfer({ bytes }, [bytes.buffer]));
    assert.equal(bytes.length, 0);
    assert.deepEqual(await moved, { bytes: new Uint8Array([1, 2, 3]) });
  }
  const { port1, port2 } = new MessageChannel();
  const error = await failureOf(hermit.echo.remote(transfer({ port1 }, [port1 as never])));
  assert.ok(error instanceof SerializationError);
  assert.match(error.message, /cannot be moved to another process/);
  port1.close();
  port2.close();
});

test('A8 handles pass both ways: driver, thread, process and process reach each other', async () => {
  await using _ = await RuntimeHarness.start();
  const counter = Counter.options({ name: 'counter' }).remote(10);
  const [near, far, farther] = [Visitor.remote(), Visitor.options(APART).remote(), Visitor.options(APART).remote()];
  const hermit = Hermit.options(APART).remote();
  assert.equal(await far.increment.remote({ deep: [counter] }), 11, 'a process calls a thread');
  assert.equal(await far.find.remote('counter'), 12, 'and finds it by name');
  const pid = await hermit.pid.remote();
  assert.deepEqual(
    await valuesOf([near.pidOf.remote(hermit), far.pidOf.remote(hermit), farther.pidOf.remote(hermit)]),
    [pid, pid, pid],
  );
  const made = await far.make.remote(5);
  assert.equal(await made.increment.remote(), 6, 'a handle that a process returns');
  assert.equal(await farther.increment.remote({ deep: [made] }), 7, 'and that another is given');
  assert.equal(await (await getActor<typeof Counter>('made by a visitor')).value.remote(), 7);
  assert.notEqual(await far.makeApart.remote(), await far.pid.remote(), 'a process makes an actor in a process');
});

test('A8 many callers of every kind at once open their links without losing or doubling a call', async () => {
  await using _ = await RuntimeHarness.start({ workers: 3 });
  using gate = new FileGate();
  const hermit = Hermit.options(APART).remote();
  const visitors = [...upTo(3).map(() => Visitor.remote()), ...upTo(2).map(() => Visitor.options(APART).remote())];
  const runs = visitors.map((visitor, at) =>
    visitor.runMany.remote(
      hermit,
      upTo(200).map((index) => at * 1_000 + index),
      gate.folder,
      -1,
    ),
  );
  await valuesOf(runs);
  const notes = gate.notes;
  assert.equal(notes.length, 1_000);
  for (const at of visitors.keys())
    assert.deepEqual(
      notes.filter((note) => Math.floor(note / 1_000) === at),
      upTo(200).map((index) => at * 1_000 + index),
    );
});

test('A10 exitActor ends the process after its hook, and the last answers arrive', async () => {
  await using harness = await RuntimeHarness.start({ logToDriver: false });
  const hermit = Hermit.options({ ...APART, maxRestarts: -1 }).remote();
  const counts = upTo(100).map(() => hermit.count.remote());
  const death = watch(hermit);
  const leaving = hermit.leave.remote();
  const after = hermit.count.remote();
  assert.deepEqual(
    await valuesOf(counts),
    upTo(100).map((index) => index + 1),
  );
  for (const ref of [leaving, after]) assert.ok((await failureOf(ref)) instanceof ActorDiedError);
  assert.equal((await valuesOf([death]))[0].isIntended, true);
  const { actorId } = harness.runtime.listActors()[0]!;
  assert.deepEqual(harness.runtime.actorLines(actorId), ['shut down']);
});

test('A11 a call in a process knows its actor, name, namespace, worker, call and restarts', async () => {
  await using harness = await RuntimeHarness.start();
  const hermit = Hermit.options({ ...APART, name: 'hermit', namespace: 'hills', maxRestarts: 1 }).remote();
  const first = await hermit.context.remote();
  const row = harness.runtime.listActors()[0]!;
  assert.deepEqual(
    [first.actorId, first.actorName, first.namespace, first.workerId, first.restartCount],
    [row.actorId, 'hermit', 'hills', row.workerId, 0],
  );
  await kill(hermit, { noRestart: false });
  const second = await hermit.context.remote();
  assert.deepEqual([second.actorId, second.restartCount], [first.actorId, 1]);
  assert.notEqual(second.workerId, first.workerId);
  assert.notEqual(second.taskId, first.taskId);
});

// ── N, T ───────────────────────────────────────────────────────────────────────────────────────────────────

test('N3 an actor in a process ends with its last handle, wherever that is', async () => {
  await using _ = await RuntimeHarness.start();
  const [keeper, kept] = [Hermit.options(APART).remote(), Hermit.options({ ...APART, name: 'kept' }).remote()];
  await keeper.keep.remote(kept);
  const found = await getActor<typeof Hermit>('kept');
  const death = watch(found);
  kept.release();
  assert.equal(await found.count.remote(), 1, 'the maker has let go, the keeper has not');
  await keeper.letGo.remote();
  assert.match(String((await valuesOf([death]))[0].cause), /its last handle is gone/);
});

test('N3 what an actor in a process has made ends with it', async () => {
  await using _ = await RuntimeHarness.start();
  const visitor = Visitor.options(APART).remote();
  const made = await visitor.make.remote(1);
  await kill(visitor);
  assert.match(String((await valuesOf([watch(made)]))[0].cause), /OwnerDiedError/);
});

test('T6, T7 objects and refs cross both ways: put here and read there, put there and read here', async () => {
  await using _ = await RuntimeHarness.start();
  const visitor = Visitor.options(APART).remote();
  const bytes = new Uint8Array(100_000).fill(2);
  const ref = put(bytes);
  assert.equal(await visitor.sum.remote({ ref } as never), 200_000);
  const { ref: theirs } = await visitor.put.remote({ bytes, n: 1 });
  assert.deepEqual(await get(theirs), { bytes, n: 1 });
  const pending = Hermit.options(APART).remote().pid.remote();
  const { ref: box } = await visitor.put.remote([pending]);
  const [inner] = (await get(box)) as [typeof pending];
  assert.equal(await inner, await pending);
});

test('T8 a cancel reaches a running call in a process, and a queued one never starts', async () => {
  await using _ = await RuntimeHarness.start();
  using gate = new FileGate();
  const visitor = Visitor.options(APART).remote();
  await visitor.pid.remote();
  const running = visitor.waitForCancel.remote();
  await visitor.pid.remote();
  await cancel(running);
  assert.ok((await failureOf(running)) instanceof TaskCancelledError);
  const single = Visitor.options({ ...APART, maxConcurrency: 1 }).remote();
  const first = single.waitForCancel.remote();
  const [queued, last] = [single.note.remote(gate.folder, 1), single.note.remote(gate.folder, 2)];
  await cancel(queued);
  await cancel(first);
  for (const ref of [first, queued]) assert.ok((await failureOf(ref)) instanceof TaskCancelledError);
  await last;
  assert.deepEqual(gate.notes, [2]);
});

test('T1 an actor in a process runs tasks on the threads of the pool', async () => {
  await using _ = await RuntimeHarness.start();
  const visitor = Visitor.options(APART).remote();
  assert.deepEqual(
    await valuesOf(upTo(20).map((x) => visitor.squareOf.remote(x))),
    upTo(20).map((x) => x * x),
  );
  assert.deepEqual(await visitor.echoOf.remote({ deep: [1] }), { deep: [1] });
});

test('A12 streams cross both ways', async () => {
  await using _ = await RuntimeHarness.start();
  const [near, far] = [Streamer.remote(), Streamer.options(APART).remote()];
  const items: number[] = [];
  for await (const item of far.later.remote(300)) items.push(await item);
  assert.deepEqual(items, upTo(301).slice(1));
  const consumer = Consumer.options(APART).remote();
  assert.deepEqual(
    await valuesOf([consumer.sum.remote(near as never, 500), consumer.sum.remote(far as never, 500)]),
    [125_250, 125_250],
  );
});

// ── F: failure ─────────────────────────────────────────────────────────────────────────────────────────────

test('F2 a constructor that throws in its process makes the actor DEAD; its calls carry the error', async () => {
  await using harness = await RuntimeHarness.start();
  const error = await failureOf(
    Hermit.options({ ...APART, maxRestarts: -1 })
      .remote('throw')
      .pid.remote(),
  );
  assert.ok(error instanceof ActorDiedError && !error.began);
  assert.ok(error.cause instanceof RangeError);
  assert.match(String(error.cause.stack), /hermit\.ts/);
  assert.equal(harness.runtime.stats().actors, 0);
});

test('F3 answers given just before process.exit arrive, however many and however large', async () => {
  await using _ = await RuntimeHarness.start();
  for (const value of [1, 'x'.repeat(40_000)]) {
    const hermit = Hermit.options(APART).remote();
    const answers = upTo(100).map(() => hermit.echo.remote(value));
    const exit = hermit.end.remote('exit');
    for (const answer of await valuesOf(answers)) assert.equal(answer, value);
    const error = await failureOf(exit);
    assert.ok(error instanceof ActorDiedError && error.began);
    assert.match(error.message, /ended with code 3/);
  }
});

for (const stopAt of [137, 1_100, 2_299]) {
  test(`F3 of a thousand calls in flight from a driver, a thread and a process when it is killed each is told truly whether it had begun: at ${stopAt}`, async () => {
    await using _ = await RuntimeHarness.start();
    using gate = new FileGate();
    const hermit = Hermit.options(APART).remote();
    const visitors = [Visitor.remote(), Visitor.options(APART).remote()];
    const pid = await hermit.pid.remote();
    await valuesOf(visitors.map((visitor) => visitor.pidOf.remote(hermit)));
    const runs = visitors.map((visitor, at) =>
      visitor.runMany.remote(
        hermit,
        upTo(300).map((index) => (at + 1) * 1_000 + index),
        gate.folder,
        stopAt,
      ),
    );
    const mine = upTo(400).map((index) => hermit.run.remote(index, gate.folder, stopAt));
    await gate.arrived();
    process.kill(pid, 'SIGKILL');
    const outcomes = [await Promise.all(mine.map(outcomeOf)), ...(await valuesOf(runs))];
    const began = new Set(gate.notes);
    assert.equal(began.size, gate.notes.length, 'nothing ran twice');
    for (const [caller, own] of outcomes.entries()) {
      for (const [at, outcome] of own.entries()) {
        const index = caller * 1_000 + at;
        if (typeof outcome === 'number') assert.ok(began.has(index) && outcome === index);
        else assert.equal(outcome === 'began', began.has(index), `call ${index} ${outcome}`);
      }
    }
    assert.equal(outcomes.flat().filter((outcome) => outcome === 'began').length > 0, true);
  });
}

test('F3 calls that had not begun are kept over a restart, in order, and those that had run again with maxTaskRetries', async () => {
  await using _ = await RuntimeHarness.start();
  for (const maxTaskRetries of [0, 1]) {
    using gate = new FileGate();
    const hermit = Hermit.options({ ...APART, maxRestarts: 1, maxTaskRetries }).remote();
    const pid = await hermit.pid.remote();
    const refs = upTo(50).map((index) => hermit.run.remote(index, gate.folder, 20));
    await gate.arrived();
    process.kill(pid, 'SIGKILL');
    if (maxTaskRetries > 0) {
      await gate.arrived();
      await gate.open();
    }
    const outcomes = await Promise.all(refs.map(outcomeOf));
    assert.deepEqual(outcomes.slice(21), upTo(50).slice(21));
    if (maxTaskRetries > 0) assert.deepEqual(outcomes, upTo(50));
    else assert.equal(outcomes[20], 'began');
    const second = gate.notes.slice(gate.notes.indexOf(20) + 1);
    assert.deepEqual(
      second,
      second.toSorted((left, right) => left - right),
    );
  }
});

test('F5 a thrown error arrives as one TaskError with class, cause and remote stack, over however many hops', async () => {
  await using _ = await RuntimeHarness.start();
  const hermit = Hermit.options(APART).remote();
  const visitor = Visitor.options(APART).remote();
  for (const error of [
    await failureOf(hermit.fail.remote('far away')),
    await failureOf(visitor.failOf.remote(hermit)),
  ]) {
    assert.ok(error instanceof TaskError);
    assert.ok(error.cause instanceof RangeError);
    assert.ok(error.cause.cause instanceof SyntaxError);
    assert.match(String(error.cause.stack), /hermit\.ts/);
  }
});

/** Each with what the death is told by. */
const ENDS: readonly (readonly [End, RegExp])[] = [
  ['abort', /ended by signal SIGABRT/],
  ['map', /ended by signal SIG(?:ABRT|TRAP)/],
  ['sigkill', /ended by signal SIGKILL/],
  ['exit', /ended with code 3/],
  ['uncaught', /thrown outside a call/],
  ['rejection', /rejected outside a call/],
  ['spin', /did not turn for \d+ ms/],
];

for (const [end, cause] of ENDS) {
  test(`F6 ${end}: the process alone is lost, its actor restarts by its policy, and no call stays pending`, async () => {
    await using harness = await RuntimeHarness.start({ logToDriver: false });
    const options = {
      ...APART,
      ...(end === 'map' && { resourceLimits: { maxOldGenerationSizeMb: 40 } }),
      ...(end === 'spin' && { maxBlockedMs: 5_000 }),
    };
    const [near, far] = [Counter.remote(7), Hermit.options(APART).remote()];
    const [mortal, phoenix] = [
      Hermit.options(options).remote(),
      Hermit.options({ ...options, maxRestarts: 1 }).remote(),
    ];
    const pids = await valuesOf([far.pid.remote(), mortal.pid.remote(), phoenix.pid.remote()]);
    const deaths = [watch(mortal)];
    const isInCall = end === 'spin' || end === 'map';
    await Promise.allSettled([mortal, phoenix].map((each) => (isInCall ? each.end : each.endLater).remote(end)));
    const [death] = await valuesOf(deaths);
    assert.match(String(death?.cause), cause);
    assert.ok((await failureOf(mortal.pid.remote())) instanceof ActorDiedError);
    const [samePid, newPid] = await valuesOf([
      far.pid.remote(),
      phoenix.context.remote().then(() => phoenix.pid.remote()),
    ]);
    assert.equal(samePid, pids[0]);
    assert.notEqual(newPid, pids[2]);
    assert.equal(await near.value.remote(), 7);
    const rows = harness.runtime.listActors().filter(({ className }) => className === 'Hermit');
    assert.deepEqual(rows.map(({ state, restartCount }) => [state, restartCount]).sort(), [
      ['ALIVE', 0],
      ['ALIVE', 1],
      ['DEAD', 0],
    ]);
  });
}

test('F6 a process that never yields is shown as busy', async () => {
  await using harness = await RuntimeHarness.start();
  using gate = new FileGate();
  const hermit = Hermit.options(APART).remote();
  await hermit.pid.remote();
  const busy = () => harness.runtime.listWorkers().find(({ role }) => role === 'actor')!.busyMs;
  const running = hermit.run.remote(1, gate.folder, 1);
  await gate.arrived();
  while (busy() < 5) await nextTurn();
  await gate.open();
  assert.equal(await running, 1);
});

test('F7 shutting the runtime down ends every pending call and every process', async () => {
  await using harness = await RuntimeHarness.start();
  const hermits = upTo(3).map(() => Hermit.options(APART).remote());
  await hermits[0]!.pid.remote();
  const refs = hermits.map((hermit) => hermit.end.remote('spin'));
  await harness.runtime.shutdown();
  assert.deepEqual(childPids(), []);
  for (const ref of refs) assert.ok((await failureOf(ref)) instanceof ActorDiedError);
});

test('F9 a kill is immediate, runs no hook, and what had not begun never does', async () => {
  await using harness = await RuntimeHarness.start({ logToDriver: false });
  using gate = new FileGate();
  const hermit = Hermit.options({ ...APART, maxRestarts: -1 }).remote();
  const refs = upTo(100).map((index) => hermit.run.remote(index, gate.folder, 10));
  await gate.arrived();
  await kill(hermit);
  const outcomes = await Promise.all(refs.map(outcomeOf));
  assert.deepEqual(outcomes.slice(10), ['began', ...new Array(89).fill('never began')]);
  assert.deepEqual(gate.notes, upTo(11));
  const [row] = harness.runtime.listActors();
  assert.match(String(row?.deathCause), /was killed/);
  assert.deepEqual(harness.runtime.actorLines(row!.actorId), []);
});

test('F2 a constructor in a process that does not return fails its actor by name', async () => {
  await using _ = await RuntimeHarness.start();
  const error = await failureOf(
    Stuck.options({ ...APART, creationTimeoutMs: 300 })
      .remote()
      .value.remote(),
  );
  assert.match(String(error.cause), /ActorCreationTimeoutError/);
});

// ── T11 and the driver's end ───────────────────────────────────────────────────────────────────────────────

test('T11 what a process prints is its actor’s, through the console or past it, also just before an abort', async () => {
  await using harness = await RuntimeHarness.start({ logToDriver: false });
  const hermit = Hermit.options(APART).remote();
  await hermit.say.remote('one', 'two\nthree');
  await failureOf(hermit.end.remote('abort', 'the last words'));
  const { actorId } = harness.runtime.listActors()[0]!;
  const lines = harness.runtime.actorLines(actorId).filter((line) => /^(?:one|two|three|the last words)$/.test(line));
  assert.deepEqual(lines, ['one', 'two', 'three', 'the last words']);
});

test('T11 what never ends in a line is told when the process ends', async () => {
  await using harness = await RuntimeHarness.start({ logToDriver: false });
  const hermit = Hermit.options(APART).remote();
  await hermit.write.remote('one\ntwo');
  await failureOf(hermit.end.remote('sigkill'));
  const { actorId } = harness.runtime.listActors()[0]!;
  while (harness.runtime.actorLines(actorId).length < 2) await nextTurn();
  assert.deepEqual(harness.runtime.actorLines(actorId), ['one', 'two']);
});

test('a terminal’s Ctrl-C does not end an actor’s process: its life is the driver’s to end', async () => {
  await using _ = await RuntimeHarness.start();
  const hermit = Hermit.options(APART).remote();
  process.kill(await hermit.pid.remote(), 'SIGINT');
  assert.equal(await hermit.count.remote(), 1);
  assert.equal(await hermit.count.remote(), 2);
});

test('a driver that is killed leaves no process behind, not even one that never yields, and no folder of sockets', async () => {
  using idle = new FileGate();
  using busy = new FileGate();
  const ended = [idle.arrived(), busy.arrived()];
  await using program = new LivingProgram('keeps-processes', [idle.folder, busy.folder]);
  assert.equal(await program.line(), 'running');
  await program.kill();
  await valuesOf(ended);
  assert.deepEqual(
    readdirSync(tmpdir()).filter((name) => name.startsWith(`heddle-${program.pid}-`)),
    [],
  );
});
