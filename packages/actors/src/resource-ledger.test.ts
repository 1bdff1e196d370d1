import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ResourceLedger, type Resources, resolveResources } from './resource-ledger.ts';

test('a ledger hands out what there is, all of a shape or nothing of it', () => {
  const ledger = new ResourceLedger({ CPU: 2, gpu: 1 });
  assert.equal(ledger.take({ CPU: 1, gpu: 1 }), true);
  assert.equal(ledger.take({ CPU: 1, gpu: 1 }), false);
  assert.deepEqual(ledger.available, { CPU: 1, gpu: 0 });
  assert.equal(ledger.fits({ CPU: 1 }), true);
  ledger.giveBack({ CPU: 1, gpu: 1 });
  assert.deepEqual(ledger.available, ledger.total);
});

test('fractions add up: ten tenths are a whole', () => {
  const ledger = new ResourceLedger({ CPU: 1 });
  for (let taken = 0; taken < 10; taken++) assert.equal(ledger.take({ CPU: 0.1 }), true);
  assert.equal(ledger.fits({ CPU: 0.0001 }), false);
  assert.deepEqual(ledger.available, { CPU: 0 });
});

test('what is more than there is in all, or of an unknown name, can never fit; nothing fits always', () => {
  const ledger = new ResourceLedger({ CPU: 1 });
  assert.equal(ledger.canEverFit({ CPU: 1.0001 }), false);
  assert.equal(ledger.canEverFit({ gpu: 1 }), false);
  assert.equal(ledger.take({ CPU: 1 }), true);
  assert.equal(ledger.canEverFit({ CPU: 1 }), true);
  assert.equal(ledger.take({}), true);
  ledger.giveBack({});
  assert.deepEqual(ledger.available, { CPU: 0 });
});

test('giving back what was not taken is a bug and says so', () => {
  assert.throws(() => new ResourceLedger({ CPU: 1 }).giveBack({ CPU: 1 }), /more CPU given back/);
});

const shapes = fc.record({ CPU: fc.integer({ min: 0, max: 30_000 }), disk: fc.integer({ min: 0, max: 30_000 }) });

test('whatever is taken and given back, no more is out than there is, and in the end all is back', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), shapes), { maxLength: 60 }), (steps) => {
      const ledger = new ResourceLedger({ CPU: 4, disk: 2 });
      const out: Resources[] = [];
      for (const [takes, units] of steps) {
        const shape = { CPU: units.CPU / 10_000, disk: units.disk / 10_000 };
        const fits = ledger.fits(shape);
        if (!takes && out.length > 0) ledger.giveBack(out.pop()!);
        else if (ledger.take(shape)) out.push(shape);
        else assert.equal(fits, false);
        const sum = out.reduce((total, { CPU = 0 }) => total + Math.round(CPU * 10_000), 0);
        assert.equal(ledger.available.CPU, (40_000 - sum) / 10_000);
      }
      for (const shape of out) ledger.giveBack(shape);
      assert.deepEqual(ledger.available, ledger.total);
    }),
    { seed: 4, numRuns: 200 },
  );
});

test('a shape is made of numCpus and resources; wrong ones are refused and quoted', () => {
  assert.deepEqual(resolveResources('act', 0.5, { disk: 2, none: 0 }), { CPU: 0.5, disk: 2 });
  assert.deepEqual(resolveResources('act', 0, {}), {});
  const refused: readonly (readonly [unknown, unknown, typeof TypeError | typeof RangeError, RegExp])[] = [
    ['two', {}, TypeError, /Cannot act with numCpus "two" \(string\): expected a number/],
    [-1, {}, RangeError, /numCpus -1/],
    [Number.NaN, {}, RangeError, /numCpus NaN/],
    [Number.POSITIVE_INFINITY, {}, RangeError, /numCpus Infinity/],
    [0.00005, {}, RangeError, /numCpus 0.00005: expected a multiple of 0.0001/],
    [1, [], TypeError, /resources \[\]/],
    [1, null, TypeError, /resources null/],
    [1, { gpu: '1' }, TypeError, /resources.gpu "1"/],
    [1, { gpu: -0.5 }, RangeError, /resources.gpu -0.5/],
    [1, { CPU: 4 }, RangeError, /resources.CPU 4: use numCpus instead/],
  ];
  for (const [numCpus, resources, kind, message] of refused) {
    assert.throws(
      () => resolveResources('act', numCpus, resources),
      (error) => error instanceof kind && message.test(error.message),
    );
  }
});
