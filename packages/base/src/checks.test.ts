import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkInteger, checkKnown, checkOneOf, quote } from './checks.ts';

test('a wrong type is a TypeError and a wrong value a RangeError, and both quote it', () => {
  assert.throws(() => checkInteger('start', 'workers', 'two', { min: 1 }), {
    name: 'TypeError',
    message: 'Cannot start with workers "two" (string): expected an integer',
  });
  assert.throws(() => checkInteger('start', 'workers', 0, { min: 1 }), {
    name: 'RangeError',
    message: 'Cannot start with workers 0: expected an integer of 1 or more',
  });
  assert.throws(() => checkInteger('start', 'workers', 1.5, { min: 1, max: 4 }), {
    message: 'Cannot start with workers 1.5: expected an integer from 1 to 4',
  });
  assert.throws(() => checkOneOf('start', 'mode', 'fast', ['slow']), {
    name: 'RangeError',
    message: 'Cannot start with mode "fast": expected one of "slow"',
  });
});

test('an option that does not exist is refused by name', () => {
  assert.throws(() => checkKnown('start', { wrokers: 1 }, ['workers']), {
    name: 'TypeError',
    message: 'Cannot start with option "wrokers": expected one of "workers"',
  });
});

test('whatever is quoted stays short', () => {
  assert.ok(quote('x'.repeat(10_000)).length < 120);
  assert.ok(quote({ key: 'x'.repeat(10_000) }).length < 120);
  assert.equal(
    quote(() => {}),
    'function (anonymous)',
  );
  assert.equal(quote(10n), '10n');
});
