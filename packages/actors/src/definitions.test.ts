import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ClassDeclaration } from './class-declaration.ts';
import { Definitions, Told } from './definitions.ts';
import { type Batch, Kind } from './protocol.ts';
import { KEYS_MAX, SHAPES_MAX, Shapes } from './shapes.ts';

const declaration = (name: string, methods: readonly string[] = []): ClassDeclaration =>
  ({ module: 'file:///m.ts', name, methods, isAsync: false }) as unknown as ClassDeclaration;

/** What the other end of a link knows after it has read these batches. */
class Peer {
  readonly shapes: string[][] = [];
  readonly classes: ClassDeclaration[] = [];

  read(batch: Batch | undefined): void {
    for (let at = 0; batch !== undefined && at < batch.length; ) {
      if (batch[at] === Kind.Shape) {
        const end = at + 3 + (batch[at + 2] as number);
        this.shapes[batch[at + 1] as number] = batch.slice(at + 3, end) as string[];
        at = end;
      } else {
        assert.equal(batch[at], Kind.Class);
        this.classes[batch[at + 1] as number] = batch[at + 2] as ClassDeclaration;
        at += 3;
      }
    }
  }
}

test('a key list has one number, and different key lists have different ones', () => {
  const anyKeys = fc.array(fc.constantFrom('a', 'b', 'c', '', '0', '__proto__'), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(anyKeys, { maxLength: 30 }), (keyLists) => {
      const shapes = new Shapes();
      const numbers = keyLists.map((keys) => shapes.numberOf(keys));
      for (const [index, keys] of keyLists.entries()) {
        assert.deepEqual(shapes.keyLists[numbers[index]!], keys);
        assert.equal(shapes.numberOf(keys), numbers[index]);
      }
      assert.equal(shapes.keyLists.length, new Set(keyLists.map((keys) => JSON.stringify(keys))).size);
    }),
  );
});

test('the number of shapes is limited, and so is the number of keys in one', () => {
  const shapes = new Shapes();
  for (let index = 0; index < SHAPES_MAX; index++) assert.equal(shapes.numberOf([`k${index}`]), index);
  assert.equal(shapes.numberOf(['one more']), -1);
  assert.equal(shapes.numberOf(['k0']), 0);
  assert.equal(new Shapes().numberOf(Array.from({ length: KEYS_MAX + 1 }, (_, index) => `${index}`)), -1);
});

test('a class has one declaration in a thread, by module and name', () => {
  const definitions = new Definitions();
  const first = declaration('Counter', ['get']);
  assert.equal(definitions.intern(first), first);
  assert.equal(definitions.intern(declaration('Counter', ['get'])), first);
  assert.notEqual(definitions.numberOf(declaration('Other')), definitions.numberOf(first));
});

test('each link tells its peer of every shape and class once', () => {
  const anySteps = fc.array(
    fc.oneof(
      fc.record({ shape: fc.array(fc.string({ maxLength: 2 }), { maxLength: 3 }) }),
      fc.record({ class: fc.constantFrom('A', 'B', 'C') }),
      fc.record({ tell: fc.nat(2) }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(anySteps, (steps) => {
      const definitions = new Definitions();
      const links = [0, 1, 2].map(() => ({ told: new Told(), peer: new Peer() }));
      for (const step of steps) {
        if ('shape' in step) definitions.shapes.numberOf(step.shape);
        else if ('class' in step) definitions.numberOf(declaration(step.class));
        else {
          const { told, peer } = links[step.tell]!;
          peer.read(told.next(definitions));
          assert.deepEqual(peer.shapes, definitions.shapes.keyLists);
          assert.deepEqual(peer.classes, definitions.classes);
          assert.equal(told.next(definitions), undefined);
        }
      }
    }),
  );
});
