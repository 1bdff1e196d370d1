/**
 * A1, A7, F2: every way to misuse the runtime that a program can stumble into is a named error that quotes what was
 * given, at the call or through the ref, and the runtime answers the next call as if nothing had been.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ActorCreationTimeoutError,
  ActorDiedError,
  ActorGroup,
  ActorModuleError,
  ActorPool,
  cancel,
  get,
  getActor,
  init,
  kill,
  listNamedActors,
  ObjectRef,
  put,
  Queue,
  remote,
  startRuntime,
  wait,
  watch,
} from '@heddle/actors';
import { failureOf, RuntimeHarness } from '../support/runtime-harness.ts';
import { Counter } from './actors/counter.ts';
import { Keeper } from './actors/keeper.ts';
import { Streamer } from './actors/streamer.ts';
import { Stuck } from './actors/stuck.ts';
import { square } from './actors/tasks.ts';
import { Vanishing } from './actors/vanishing.ts';

let harness: RuntimeHarness;
before(async () => {
  harness = await RuntimeHarness.start({ workers: 1, numCpus: 2 });
});
after(() => harness[Symbol.asyncDispose]());

async function staysHealthy(): Promise<void> {
  assert.equal(await Counter.remote(1).value.remote(), 1);
}

/** What is wrong for an option of each kind. */
const WRONG = {
  integer: ['3', null, true, {}, [], 1.5, Number.NaN, -2, 2n, () => 1],
  amount: ['3', null, true, {}, [], Number.NaN, -1, Number.POSITIVE_INFINITY, 0.00001, 2n],
  boolean: ['true', 1, null, {}],
  string: [7, null, true, {}, [], ''],
  word: ['other', 7, null, true, {}],
  classes: ['TypeError', 7, null, {}, [7], ['TypeError'], [() => 1]],
  object: ['text', 7, null, true, []],
} as const;

const ACTOR_OPTIONS: Readonly<Record<string, keyof typeof WRONG>> = {
  name: 'string',
  namespace: 'string',
  lifetime: 'word',
  maxRestarts: 'integer',
  maxTaskRetries: 'integer',
  restartIntensity: 'object',
  failFast: 'boolean',
  getIfExists: 'boolean',
  maxConcurrency: 'integer',
  concurrencyGroups: 'object',
  maxPendingCalls: 'integer',
  numCpus: 'amount',
  resources: 'object',
  isolation: 'word',
  resourceLimits: 'object',
  maxBlockedMs: 'integer',
  creationTimeoutMs: 'integer',
  placement: 'word',
};
const METHOD_OPTIONS: Readonly<Record<string, keyof typeof WRONG>> = {
  numReturns: 'integer',
  maxTaskRetries: 'integer',
  retryExceptions: 'classes',
  concurrencyGroup: 'string',
  generatorBackpressure: 'integer',
};
const TASK_OPTIONS: Readonly<Record<string, keyof typeof WRONG>> = {
  numCpus: 'amount',
  resources: 'object',
  maxRetries: 'integer',
  numReturns: 'integer',
  retryExceptions: 'classes',
  generatorBackpressure: 'integer',
};
const INIT_OPTIONS: Readonly<Record<string, keyof typeof WRONG>> = {
  workers: 'integer',
  numCpus: 'amount',
  resources: 'object',
  namespace: 'string',
  directory: 'string',
  isolated: 'integer',
  idleTaskThreadMs: 'integer',
  latency: 'word',
  tracing: 'word',
  telemetry: 'word',
  logToDriver: 'boolean',
  background: 'boolean',
  objectStoreBytes: 'integer',
  ignoreReinitError: 'boolean',
};

/** Fails unless `act` throws a TypeError or a RangeError that begins with "Cannot" and names the option. */
async function refuses(act: () => unknown, option: string, value: unknown): Promise<void> {
  const given = `${option} ${typeof value === 'function' ? 'function' : JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}n` : each))}`;
  await assert.rejects(
    async () => act(),
    (error: Error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError, `${given}: ${error}`);
      assert.match(error.message, /^Cannot /, given);
      const words = error.message.replaceAll(' ', '').toLowerCase(); // "in concurrency group …" names it too.
      assert.ok(words.includes(option.toLowerCase()), `${given}: ${error.message}`);
      return true;
    },
    `${given} must be refused`,
  );
}

/** Fails unless the table has every option that is named where one is refused, and no other. */
function coversAll(table: object, refuse: () => unknown): Promise<void> {
  const namesAll = ({ message }: Error): boolean => {
    const names = [...message.slice(message.indexOf('expected')).matchAll(/"(\w+)"/g)].map(([, name]) => name);
    assert.deepEqual(Object.keys(table).sort(), names.sort());
    return true;
  };
  return assert.rejects(async () => refuse(), namesAll);
}

test('A7 the tables below leave out no option', async () => {
  const unknown = { unheardOf: 1 } as never;
  await coversAll(ACTOR_OPTIONS, () => Counter.options(unknown));
  await coversAll(METHOD_OPTIONS, () => Counter.remote().value.options(unknown));
  await coversAll(TASK_OPTIONS, () => square.options(unknown));
  const { ignoreReinitError: _, ...ofRuntimes } = INIT_OPTIONS;
  await coversAll(ofRuntimes, () => startRuntime(unknown));
});

test('A7 every option of a task refuses what is of a wrong type or out of range, by name', async () => {
  for (const [option, kind] of Object.entries(TASK_OPTIONS))
    for (const value of WRONG[kind]) await refuses(() => square.options({ [option]: value }), option, value);
  await refuses(() => square.options('fast' as never), 'options', 'fast');
  await staysHealthy();
});

test('A7 every option of an actor refuses what is of a wrong type or out of range, by name', async () => {
  for (const [option, kind] of Object.entries(ACTOR_OPTIONS))
    for (const value of WRONG[kind]) await refuses(() => Counter.options({ [option]: value }), option, value);
  await refuses(() => Counter.options('fast' as never), 'options', 'fast');
  await staysHealthy();
});

test('A7 every option of a method refuses what is of a wrong type or out of range, by name', async () => {
  const { value: method } = Counter.remote();
  for (const [option, kind] of Object.entries(METHOD_OPTIONS))
    for (const value of WRONG[kind]) await refuses(() => method.options({ [option]: value }).remote(), option, value);
  await staysHealthy();
});

test('A7 every option of init refuses what is of a wrong type or out of range, by name, and starts nothing', async () => {
  await using separate = await RuntimeHarness.startSeparate();
  for (const [option, kind] of Object.entries(INIT_OPTIONS)) {
    for (const value of WRONG[kind]) {
      if (option === 'directory' && value === '') continue; // Below.
      const start = option === 'ignoreReinitError' ? init : startRuntime;
      await refuses(() => start({ [option]: value } as never), option, value);
    }
  }
  await refuses(() => startRuntime({ directory: '' }), 'directory', '');
  await refuses(() => startRuntime({ processors: 3 } as never), 'processors', 3);
  await refuses(() => startRuntime(3 as never), 'options', 3);
  assert.equal(await separate.runtime.create(Counter, [2]).value.remote(), 2);
});

/** What a program can call, with what it should not: the error must be of that class and quote what was given. */
type Misuse = readonly [name: string, act: () => unknown, error: string, message: RegExp];

const NONSENSE: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /undefined/],
  [null, /null/],
  [42, /42/],
  ['counter', /counter/],
  [{ handle: 1 }, /handle|object/],
  [() => 1, /function|=>/],
];

const withNonsense = (name: string, act: (given: never) => unknown): Misuse[] =>
  NONSENSE.map(([given, quoted]) => [`${name}(${String(given)})`, () => act(given as never), 'TypeError', quoted]);

const handle = () => Counter.remote(1);
const lines = () => Streamer.remote().numbers.remote(1);

const MISUSES: readonly Misuse[] = [
  ...withNonsense('kill', (given) => kill(given)),
  ...withNonsense('watch', (given) => watch(given)),
  ...withNonsense('cancel', (given) => cancel(given)),
  ...withNonsense('get', (given) => get(given)),
  ...withNonsense('get of a list', (given) => get([given])),
  ...[get, cancel, kill].map((act): Misuse => {
    return [
      `${act.name} of an object without a prototype`,
      () => act(Object.create(null) as never),
      'TypeError',
      /\{\}/,
    ];
  }),
  ['get of a generator', () => get(lines() as never), 'TypeError', /ObjectRefGenerator/],
  ['get of a map', () => get(new Map() as never), 'TypeError', /object Map/],
  ['Queue.putNowaitBatch of no list', () => new Queue().putNowaitBatch(5 as never), 'TypeError', /items 5/],
  ['watchActors', () => harness.runtime.watchActors(5 as never), 'TypeError', /with 5: expected a function/],
  ['Runtime.create', () => harness.runtime.create(5 as never, []), 'TypeError', /actor of 5/],
  ['remote without a module', () => remote(undefined as never, class Lost {}), 'TypeError', /with undefined/],
  ['remote of a missing module', () => remote(new URL('file:///nowhere.ts'), 'X'), 'ActorModuleError', /nowhere\.ts/],
  ...withNonsense('ActorPool.push', (given) => new ActorPool([]).push(given)),
  ['wait(42)', () => wait(42 as never), 'TypeError', /list of ObjectRefs/],
  ['wait of a handle', () => wait([handle()] as never), 'TypeError', /list of ObjectRefs/],
  ['wait with numReturns', () => wait([put(1)], { numReturns: 2 }), 'RangeError', /numReturns 2/],
  ['wait with timeoutMs', () => wait([put(1)], { timeoutMs: '1' } as never), 'TypeError', /timeoutMs "1"/],
  ['get with timeoutMs', () => get(put(1), { timeoutMs: -1 }), 'RangeError', /timeoutMs -1/],
  ['get with an unknown option', () => get(put(1), { timeout: 1 } as never), 'TypeError', /"timeout"/],
  ['get of a handle', () => get(handle() as never), 'TypeError', /ActorHandle/],
  ['cancel of a handle', () => cancel(handle() as never), 'TypeError', /ActorHandle/],
  ['cancel with recursive', () => cancel(put(1), { recursive: 1 } as never), 'TypeError', /recursive 1/],
  ['cancel with force', () => cancel(put(1), { force: 'yes' } as never), 'TypeError', /force "yes"/],
  ['kill of a ref', () => kill(put(1)), 'TypeError', /Cannot kill/],
  ['kill of a class', () => kill(Counter), 'TypeError', /Cannot kill/],
  ['kill with noRestart', () => kill(handle(), { noRestart: 1 } as never), 'TypeError', /noRestart 1/],
  ['kill with an unknown option', () => kill(handle(), { force: true } as never), 'TypeError', /"force"/],
  ['getActor(42)', () => getActor(42 as never), 'TypeError', /name 42/],
  ['getActor of nothing', () => getActor(''), 'RangeError', /name ""/],
  ['getActor in a wrong namespace', () => getActor('a', 7 as never), 'TypeError', /namespace 7/],
  ['getActor of nobody', () => getActor('nobody'), 'ActorNotFoundError', /"nobody"/],
  ['listNamedActors', () => listNamedActors({ allNamespaces: 'yes' } as never), 'TypeError', /allNamespaces "yes"/],
  ['put of a ref', () => put(put(1)), 'TypeError', /ObjectRef/],
  ['put of a function', () => put(() => 1), 'SerializationError', /function/],
  [
    'a method without remote',
    () => (handle().value as unknown as () => void)(),
    'TypeError',
    /handle\.value\.remote\(\)/,
  ],
  ['ActorPool of no list', () => new ActorPool(42 as never), 'TypeError', /42/],
  ['ActorPool of one actor twice', () => twice((one) => new ActorPool([one, one])), 'TypeError', /the pool has it/],
  ['ActorPool.submit of no function', () => new ActorPool([handle()]).submit('f' as never, 1), 'TypeError', /"f"/],
  ['ActorPool.submit of no call', () => new ActorPool([handle()]).submit((() => 5) as never, 1), 'TypeError', /5/],
  ['ActorPool.getNext of nothing', () => new ActorPool([handle()]).getNext(), 'RangeError', /none is left/],
  ['ActorPool.getNext', () => new ActorPool([]).getNext({ timeoutMs: -1 }), 'RangeError', /timeoutMs -1/],
  ['Queue with maxSize', () => new Queue({ maxSize: -1 }), 'RangeError', /maxSize -1/],
  ['Queue with a size of a wrong type', () => new Queue({ maxSize: '3' } as never), 'TypeError', /maxSize "3"/],
  ['Queue with an unknown option', () => new Queue({ size: 3 } as never), 'TypeError', /"size"/],
  ['Queue with wrong actorOptions', () => new Queue({ actorOptions: { name: 3 } } as never), 'TypeError', /name 3/],
  ['Queue.put with block', () => new Queue().put(1, { block: 1 } as never), 'TypeError', /block 1/],
  ['Queue.get with timeoutMs', () => new Queue().get({ timeoutMs: -1 }), 'RangeError', /timeoutMs -1/],
  ['Queue.getNowaitBatch', () => new Queue().getNowaitBatch('all' as never), 'TypeError', /count "all"/],
  ['ActorGroup of no list', () => new ActorGroup(42 as never), 'TypeError', /42/],
  ['ActorGroup of nonsense', () => new ActorGroup([42] as never), 'TypeError', /42/],
  [
    'ActorGroup whose start makes no actor',
    () => new ActorGroup([{ id: 'a', start: () => 5 as never }]),
    'TypeError',
    /5/,
  ],
  ['ActorGroup with a strategy', () => new ActorGroup([], { strategy: 'all' as never }), 'RangeError', /"all"/],
  ['a call of a released handle', () => callReleased(), 'TypeError', /was released/],
];

function twice<T>(act: (one: ReturnType<typeof handle>) => T): T {
  return act(handle());
}

function callReleased(): unknown {
  const released = handle();
  released.release();
  released.release(); // Twice is fine.
  return released.value.remote();
}

test('A1 every function refuses nonsense with an error of a named class that quotes it, and goes on', async () => {
  for (const [name, act, errorName, message] of MISUSES) {
    await assert.rejects(
      async () => act(),
      (error: Error) => {
        assert.equal(error.name, errorName, `${name}: ${error}`);
        assert.match(error.message, /^Cannot /, name);
        assert.match(error.message, message, name);
        return true;
      },
      `${name} must be refused`,
    );
  }
  await staysHealthy();
});

test('A1 a handle of another runtime is refused wherever it is given', async () => {
  await using separate = await RuntimeHarness.startSeparate({ workers: 1 });
  const foreign = separate.runtime.create(Counter, [1]);
  for (const act of [() => kill(foreign), () => watch(foreign), () => harness.runtime.kill(foreign)])
    await assert.rejects(async () => act(), {
      name: 'TypeError',
      message: /actor_\w+": it belongs to another runtime$/,
    });
  const keeper = Keeper.remote();
  for (const args of [[foreign], [{ deep: [foreign] }]]) {
    const { name, message } = await failureOf(keeper.keep.remote(...args));
    assert.equal(name, 'SerializationError');
    assert.match(message, /argument 1.*another runtime/);
  }
  assert.equal(await foreign.value.remote(), 1);
  await staysHealthy();
});

test('A1 a dead handle is as good as a living one for whoever asks, and its calls fail by name', async () => {
  const dead = Counter.options({ name: 'late' }).remote(1);
  await dead.value.remote();
  await kill(dead);
  await kill(dead);
  assert.match(String((await watch(dead)).cause), /was killed/);
  assert.ok((await failureOf(dead.value.remote())) instanceof ActorDiedError);
  await assert.rejects(getActor('late'), { name: 'ActorNotFoundError' });
  const keeper = Keeper.remote(dead);
  const [kept] = (await keeper.kept.remote()) as [typeof dead];
  assert.ok((await failureOf(kept.value.remote())) instanceof ActorDiedError);
  const pool = new ActorPool([dead]);
  pool.submit((actor) => actor.value.remote(), 1);
  await assert.rejects(pool.getNext(), ActorDiedError);
  const queue = new Queue();
  await queue.shutdown();
  await assert.rejects(queue.put(1), ActorDiedError);
  dead.release();
  await staysHealthy();
});

test('A1 what has settled cannot be cancelled, and trying is fine', async () => {
  const [value, stored] = [Counter.remote(3).value.remote(), put('stored')];
  assert.equal(await value, 3);
  await cancel(value);
  await cancel(stored);
  assert.deepEqual(await get([value, stored]), [3, 'stored']);
  assert.ok(value instanceof ObjectRef);
});

test('F2 a module that has no such class in a worker fails its actor by name', async () => {
  const error = await failureOf(Vanishing.remote().value.remote());
  assert.ok(error instanceof ActorDiedError && error.cause instanceof ActorModuleError);
  assert.match(
    error.cause.message,
    /^Cannot find class "Vanishing" in a worker: .*vanishing\.ts declares and exports no such class$/,
  );
  const here = new URL('./actors/plain.ts', import.meta.url);
  assert.throws(() => remote(here, 'Nobody'), { name: 'TypeError', message: /"Nobody".*plain\.ts/ });
  await staysHealthy();
});

test('F2 a constructor that never returns fails its actor by name, and the runtime answers', async () => {
  const error = await failureOf(Stuck.options({ creationTimeoutMs: 100 }).remote().value.remote());
  assert.ok(error instanceof ActorDiedError && error.cause instanceof ActorCreationTimeoutError);
  await staysHealthy();
});
