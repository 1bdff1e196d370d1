/** `ActorPool` beyond its plain use: maps that are left early, results waited for by several, tasks that throw. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActorPool, kill, TaskError } from '@heddle/actors';
import { Gate } from '../support/gate.ts';
import { RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Blocker } from './actors/blocker.ts';
import { Counter } from './actors/counter.ts';

const counters = (count: number) => Array.from({ length: count }, () => Counter.remote());

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const result of results) list.push(result);
  return list;
}

test('a map after one that was left early loses none of its values', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const pool = new ActorPool(counters(2));
  const add = (actor: ReturnType<typeof Counter.remote>, by: number) => actor.increment.remote(by);
  for await (const result of pool.mapUnordered(add, [1, 2, 3, 4])) {
    assert.equal(typeof result, 'number');
    break;
  }
  assert.equal((await all(pool.map(add, [1, 2, 3]))).length, 3);
  assert.deepEqual([pool.hasNext(), pool.hasFree()], [false, true]);
});

test('a map whose actors are all busy with results that were given up waits for them', async () => {
  await using _ = await RuntimeHarness.start({ workers: 2 });
  const gate = new Gate();
  const pool = new ActorPool([Blocker.remote()]);
  const left = pool.map((actor, memory: SharedArrayBuffer) => actor.block.remote(memory), [gate.memory]);
  const first = left.next();
  await gate.arrived();
  const later = all(pool.map((actor, value: number) => actor.block.remote(gate.memory, value), [1, 2]));
  await assert.rejects(first, { name: 'RangeError', message: /given up for another map/ });
  gate.open();
  assert.deepEqual(await later, [1, 2]);
});

test('several who wait for the next result get one each, and an actor has one task at a time', async () => {
  await using _ = await RuntimeHarness.start({ workers: 2 });
  const pool = new ActorPool(counters(2));
  for (let by = 1; by <= 20; by++) pool.submit((actor, value: number) => actor.increment.remote(value), by);
  const [ordered, unordered] = [
    Array.from({ length: 10 }, () => pool.getNext()),
    Array.from({ length: 10 }, () => pool.getNextUnordered()),
  ];
  assert.equal((await valuesOf([...ordered, ...unordered])).length, 20);
  assert.equal(pool.hasNext(), false);
  const [first, second] = [pool.popIdle()!, pool.popIdle()!];
  assert.deepEqual([pool.popIdle(), pool.hasFree()], [undefined, false]);
  const [one, other] = await valuesOf([first.value.remote(), second.value.remote()]);
  assert.equal(one + other, 210, 'each task ran once, on two different actors');
});

test('a task that throws, or returns no ref, costs the pool no actor, and fails where its result is taken', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const pool = new ActorPool(counters(1));
  const oops = () => {
    throw new RangeError('oops');
  };
  assert.throws(() => pool.submit(oops, 1), { message: 'oops' });
  assert.throws(() => pool.submit((() => 7) as never, 1), { name: 'TypeError', message: /returned 7/ });
  assert.deepEqual([pool.hasNext(), pool.hasFree()], [false, true]);
  pool.submit((actor) => actor.increment.remote(5), undefined);
  pool.submit(oops, undefined);
  pool.submit((actor) => actor.fail.remote('failed') as never, undefined);
  pool.submit((actor) => actor.value.remote(), undefined);
  assert.equal(await pool.getNext(), 5);
  await assert.rejects(pool.getNext(), { message: 'oops' });
  await assert.rejects(pool.getNext(), TaskError);
  assert.equal(await pool.getNext(), 5);
  await assert.rejects(pool.getNext(), { message: /none is left/ });
});

test('a pool without actors waits for one, and one whose actor is dead says so for each task', async () => {
  await using _ = await RuntimeHarness.start({ workers: 1 });
  const pool = new ActorPool<ReturnType<typeof Counter.remote>>([]);
  pool.submit((actor) => actor.value.remote(), undefined);
  await assert.rejects(pool.getNext({ timeoutMs: 5 }), { name: 'GetTimeoutError' });
  await assert.rejects(pool.getNext({ timeoutMs: 0 }), { name: 'GetTimeoutError' });
  const next = pool.getNext();
  const counter = Counter.remote(3);
  pool.push(counter);
  assert.equal((await valuesOf([next]))[0], 3);
  await kill(counter);
  for (let task = 0; task < 3; task++) pool.submit((actor) => actor.value.remote(), undefined);
  for (let task = 0; task < 3; task++) await assert.rejects(pool.getNextUnordered(), { name: 'ActorDiedError' });
});
