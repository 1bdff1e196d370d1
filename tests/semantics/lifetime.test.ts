/** Guarantees N3, F6 (threads of their own, blocked turns), T11, and what goes beyond Ray: watch, groups; pool and queue. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActorDiedError,
  ActorGroup,
  ActorGroupGaveUpError,
  type ActorHandle,
  ActorPool,
  GetTimeoutError,
  getActor,
  kill,
  Queue,
  QueueEmptyError,
  QueueFullError,
  type Runtime,
  watch,
} from '@heddle/actors';
import { Gate } from '../support/gate.ts';
import { failureOf, nextTurn, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Counter } from './actors/counter.ts';
import { AllTrades } from './actors/worker-of-all-trades.ts';

const withIo = { concurrencyGroups: { io: 1 } } as const;

/** Resolves when the actor of that name is DEAD. */
async function deathOf(runtime: Runtime, name: string): Promise<void> {
  const dead = Promise.withResolvers<void>();
  using _watch = runtime.watchActors((row) => {
    if (row.name === name && row.state === 'DEAD') dead.resolve();
  });
  if (runtime.listActors().some((row) => row.name === name && row.state === 'DEAD')) return;
  await valuesOf([dead.promise]);
}

test('N3 an actor lives while another holds a handle of it, and ends when that one lets go', async () => {
  await using harness = await RuntimeHarness.start();
  const kept = AllTrades.options({ ...withIo, name: 'kept' }).remote();
  const keeper = AllTrades.options(withIo).remote();
  await keeper.keep.remote(kept);
  kept.release();
  assert.equal(await keeper.useKept.remote(), 0, 'the maker has let go, the keeper has not');
  await keeper.dropKept.remote();
  await deathOf(harness.runtime, 'kept');
});

test('N3 a handle got by name does not keep an actor alive', async () => {
  await using harness = await RuntimeHarness.start();
  const made = AllTrades.options({ ...withIo, name: 'made' }).remote();
  const found = await getActor<typeof AllTrades>('made');
  assert.equal(await found.runs.remote(), 0);
  made.release();
  await deathOf(harness.runtime, 'made');
  assert.ok((await failureOf(found.runs.remote())) instanceof ActorDiedError);
});

test('N3 a released handle refuses further calls by name', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options(withIo).remote();
  actor.release();
  actor.release();
  assert.throws(() => actor.runs.remote(), { name: 'TypeError', message: /was released/ });
});

test('F6 an actor in a thread of its own dies alone of its heap limit', async () => {
  await using harness = await RuntimeHarness.start();
  const neighbour = Counter.remote(1);
  await neighbour.value.remote();
  const alone = AllTrades.options({
    ...withIo,
    isolation: 'thread',
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  }).remote();
  assert.match((await failureOf(alone.hog.remote())).message, /memory/);
  assert.equal(await neighbour.value.remote(), 1);
  assert.equal(harness.runtime.stats().actors, 1);
});

test('F6 a turn longer than maxBlockedMs ends the thread', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options({ ...withIo, maxBlockedMs: 500 }).remote();
  assert.match((await failureOf(actor.block.remote(new Gate().memory))).message, /did not turn for/);
});

test('T11 what an actor prints is remembered, also what it prints just before its death', async () => {
  await using harness = await RuntimeHarness.start({ logToDriver: false });
  const actor = AllTrades.options({ ...withIo, name: 'printer' }).remote();
  await actor.print.remote('one\ntwo');
  await failureOf(actor.printAndDie.remote('last words'));
  const { actorId } = harness.runtime.listActors().find((row) => row.name === 'printer')!;
  assert.deepEqual(harness.runtime.actorLines(actorId), ['one', 'two', 'last words']);
});

test('watch tells once why an actor is dead, also when it is dead already, and a restart is no death', async () => {
  await using _ = await RuntimeHarness.start();
  const actor = AllTrades.options({ ...withIo, maxRestarts: 1 }).remote();
  await actor.runs.remote();
  const death = watch(actor);
  await kill(actor, { noRestart: false });
  assert.equal(await actor.runs.remote(), 0);
  await kill(actor);
  const [first, again] = await valuesOf([death, watch(actor)]);
  assert.match(String(first.cause), /was killed/);
  assert.match(String(again.cause), /was killed/);
  const leaver = AllTrades.options(withIo).remote();
  await failureOf(leaver.leave.remote());
  assert.equal((await watch(leaver)).isIntended, true);
});

type Counters = ActorHandle<typeof Counter>;

test('a group of strategy one-for-all replaces every member when one dies', async () => {
  await using _ = await RuntimeHarness.start();
  await using group = new ActorGroup(
    ['a', 'b'].map((id) => ({ id, start: () => Counter.remote(1) })),
    { strategy: 'one-for-all' },
  );
  const [a, b] = [group.get<Counters>('a'), group.get<Counters>('b')];
  await b.increment.remote();
  await kill(a);
  await valuesOf([watch(b)]);
  while (group.get('b') === b) await nextTurn(); // The group starts them anew after the last death.
  assert.equal(await group.get<Counters>('b').value.remote(), 1, 'a new one, without the old state');
  assert.equal(group.restarts, 1);
});

for (const [strategy, replaced] of [
  ['one-for-one', ['b']],
  ['rest-for-one', ['b', 'c']],
] as const) {
  test(`a group of strategy ${strategy} replaces ${replaced.join(' and ')} when b of a, b and c dies`, async () => {
    await using _ = await RuntimeHarness.start();
    const ids = ['a', 'b', 'c'];
    const starts: string[] = [];
    const start = (id: string) => {
      starts.push(id);
      return Counter.remote(1);
    };
    await using group = new ActorGroup(
      ids.map((id) => ({ id, start: () => start(id) })),
      { strategy },
    );
    const before = new Map(ids.map((id) => [id, group.get<Counters>(id)]));
    for (const counter of before.values()) await counter.increment.remote();
    await kill(before.get('b')!);
    while (starts.length < ids.length + replaced.length) await nextTurn();
    for (const id of ids) {
      const isNew = group.get(id) !== before.get(id);
      assert.equal(isNew, (replaced as readonly string[]).includes(id), id);
      assert.equal(await group.get<Counters>(id).value.remote(), isNew ? 1 : 2, id);
    }
    assert.deepEqual(starts, [...ids, ...replaced]);
  });
}

test('a group gives up when its members die too often, and ends them all', async () => {
  await using harness = await RuntimeHarness.start();
  const group = new ActorGroup(
    [
      { id: 'a', start: () => Counter.remote(1) },
      { id: 'b', start: () => Counter.remote(1) },
    ],
    { maxRestarts: 0 },
  );
  await kill(group.get('a'));
  assert.ok((await failureOf(group.ended)) instanceof ActorGroupGaveUpError);
  assert.equal(harness.runtime.stats().actors, 0);
});

test('a group whose member cannot be started anew gives up and says why', async () => {
  await using _ = await RuntimeHarness.start();
  let starts = 0;
  await using group = new ActorGroup([
    { id: 'first', start: () => Counter.remote() },
    {
      id: 'once',
      start: () => {
        if (starts++ > 0) throw new Error('only once');
        return Counter.remote();
      },
    },
  ]);
  const first = group.get<ActorHandle<typeof Counter>>('first');
  await kill(group.get('once'));
  const error = await failureOf(group.ended);
  assert.ok(error instanceof ActorGroupGaveUpError);
  assert.equal(error.message, 'Cannot keep member "once" alive: it cannot be started anew');
  assert.match(String(error.cause), /only once/);
  assert.ok((await failureOf(first.value.remote())) instanceof ActorDiedError);
});

test('a group of which one member cannot be started is not made, and those started before it are ended', async () => {
  await using harness = await RuntimeHarness.start();
  const first = Counter.remote(1);
  const fails = () => {
    throw new Error('cannot start');
  };
  const members = [
    { id: 'a', start: () => first },
    { id: 'b', start: fails },
  ];
  assert.throws(() => new ActorGroup(members), { message: 'cannot start' });
  await valuesOf([watch(first)]);
  assert.equal(harness.runtime.stats().actors, 0);
});

test('a group refuses two members of one id and a strategy that does not exist', async () => {
  await using _ = await RuntimeHarness.start();
  const start = () => Counter.remote(1);
  assert.throws(
    () =>
      new ActorGroup([
        { id: 'a', start },
        { id: 'a', start },
      ]),
    { name: 'RangeError', message: /"a"/ },
  );
  assert.throws(() => new ActorGroup([], { strategy: 'all-for-one' as never }), {
    name: 'RangeError',
    message: /"all-for-one"/,
  });
});

test('a pool maps in order or as results come, and takes back an actor whose task failed', async () => {
  await using _ = await RuntimeHarness.start();
  const pool = new ActorPool([AllTrades.options(withIo).remote(), AllTrades.options(withIo).remote()]);
  const lists: number[][] = [];
  for await (const list of pool.map((actor, length: number) => actor.list.remote(length), [1, 2, 3, 4, 5]))
    lists.push(list);
  assert.deepEqual(
    lists.map((list) => list.length),
    [1, 2, 3, 4, 5],
  );
  const lengths = new Set<number>();
  for await (const list of pool.mapUnordered((actor, length: number) => actor.list.remote(length), [1, 2, 3]))
    lengths.add(list.length);
  assert.deepEqual([...lengths].sort(), [1, 2, 3]);

  pool.submit((actor) => actor.flaky.options({ maxTaskRetries: 0 }).remote(9, 'type'), undefined);
  await assert.rejects(pool.getNext(), { name: 'TaskError' });
  assert.equal(pool.hasNext(), false);
  assert.equal(pool.hasFree(), true);
  await assert.rejects(pool.getNext(), { name: 'RangeError', message: /none is left/ });
});

test('a pool refuses getNext after a later result was taken, an actor it has, and a deadline that passes', async () => {
  await using _ = await RuntimeHarness.start();
  const [first, second] = [AllTrades.options(withIo).remote(), AllTrades.options(withIo).remote()];
  const pool = new ActorPool([first, second]);
  const gate = new Gate();
  pool.submit((actor) => actor.waitAt.remote(gate.memory) as never, undefined);
  pool.submit((actor) => actor.runs.remote(), undefined);
  await assert.rejects(pool.getNext({ timeoutMs: 10 }), GetTimeoutError);
  assert.equal(await pool.getNextUnordered(), 0);
  await assert.rejects(pool.getNext(), { name: 'RangeError', message: /a later one was taken/ });
  assert.throws(() => pool.push(first), { name: 'TypeError', message: /the pool has it/ });
  gate.open();
  assert.equal(await pool.getNextUnordered(), 'through');
});

test('a queue is bounded, may be passed on, serves who waits longest, and puts a batch whole or not at all', async () => {
  await using _ = await RuntimeHarness.start();
  const queue = new Queue<number>({ maxSize: 2 });
  const taken = AllTrades.options(withIo).remote().takeAll.remote(queue, 5);
  for (let item = 0; item < 5; item++) await queue.put(item);
  assert.deepEqual(await taken, [0, 1, 2, 3, 4]);
  await queue.putNowaitBatch([1, 2]);
  assert.equal(await queue.full(), true);
  await assert.rejects(queue.putNowait(3), QueueFullError);
  await assert.rejects(queue.put(3, { timeoutMs: 10 }), QueueFullError);
  const late = queue.put(3);
  assert.deepEqual(await queue.getNowaitBatch(2), [1, 2]);
  await late;
  await assert.rejects(queue.putNowaitBatch([4, 5]), QueueFullError);
  assert.equal(await queue.size(), 1);
  assert.equal(await queue.get({ block: false }), 3);
  await assert.rejects(queue.get({ timeoutMs: 10 }), QueueEmptyError);
  await assert.rejects(queue.getNowait(), QueueEmptyError);
  assert.equal(await queue.empty(), true);
  const waiting = queue.get();
  await queue.shutdown();
  await assert.rejects(waiting, ActorDiedError);
});

test('a thousand getters of one queue get a thousand items, each once', async () => {
  await using _ = await RuntimeHarness.start();
  const queue = new Queue<number>();
  const getters = Array.from({ length: 1_000 }, () => queue.get());
  await queue.putNowaitBatch(getters.map((_getter, index) => index));
  assert.deepEqual(
    (await valuesOf(getters)).sort((a, b) => a - b),
    getters.map((_getter, index) => index),
  );
});
