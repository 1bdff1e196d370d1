import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@heddle/base';
import { type ActorTarget, type AnyHandle, HandleMaker } from './actor-handle.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import { collectGarbage } from './garbage.ts';
import { LostHandles } from './lost-handles.ts';

const declaration = { name: 'Subject', methods: [] } as unknown as ClassDeclaration;

class Harness {
  readonly clock = new ManualClock();
  readonly lost: number[] = [];
  readonly handles = new LostHandles(this.clock, ({ actor }) => this.lost.push(actor));
  /** What the program holds, by actor. */
  readonly held = new Map<number, AnyHandle>();
  readonly #maker = new HandleMaker({ call: () => {}, released: (handle) => this.handles.released(handle) });

  make(actor: number): void {
    const handle = this.#maker.make({ actor, declaration } as ActorTarget, true);
    this.handles.add(handle);
    this.held.set(actor, handle);
  }

  /** Resolves when all have been told of that could be: the collector tells in a task of its own. */
  async collect(): Promise<number[]> {
    for (let turn = 0; turn < 5; turn++) {
      await new Promise(setImmediate);
      collectGarbage();
    }
    await new Promise(setImmediate);
    return this.lost.toSorted((a, b) => a - b);
  }
}

test('a handle that the program dropped is told of, once it is no more held for being new', async () => {
  const harness = new Harness();
  harness.make(1);
  harness.make(2);
  harness.held.delete(1);
  assert.deepEqual(await harness.collect(), []);
  harness.clock.advance(1_000);
  assert.deepEqual(await harness.collect(), [1]);
  harness.held.delete(2);
  assert.deepEqual(await harness.collect(), [1, 2]);
  assert.equal(harness.clock.pendingTimers, 0);
});

test('a handle that was released is never told of, however old it was', async () => {
  const harness = new Harness();
  for (let actor = 1; actor <= 3; actor++) harness.make(actor);
  harness.held.get(1)!.release();
  harness.make(4);
  harness.clock.advance(1_000);
  harness.held.get(2)!.release();
  harness.make(5);
  harness.held.get(5)!.release();
  harness.held.clear();
  harness.clock.advance(1_000);
  assert.deepEqual(await harness.collect(), [3, 4]);
});

test('of very many new handles no more are held than the list takes', async () => {
  const harness = new Harness();
  for (let actor = 1; actor <= 10_000; actor++) harness.make(actor);
  harness.held.clear();
  const lost = await harness.collect();
  assert.ok(lost.length >= 5_000, `${lost.length} were told of before their time`);
  harness.clock.advance(1_000);
  assert.equal((await harness.collect()).length, 10_000);
});
