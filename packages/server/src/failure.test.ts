import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidSubmissionIdError, WireError } from '@heddle/api';
import { HeddleError } from '@heddle/base';
import { asSubmissionError, toWireError } from './failure.ts';

class DiskError extends HeddleError {
  override readonly code = 'STORAGE';
  override readonly retryable = true;
}

test('a named failure keeps its name and says what it is, a bug says nothing', () => {
  const named = toWireError(new DiskError('Cannot write: no space is left'));
  assert.deepEqual(
    [named.status, named.code, named.text, named.retryable],
    [500, 'STORAGE', 'Cannot write: no space is left', true],
  );
  for (const bug of [new TypeError('x is not a function'), 'thrown text', undefined]) {
    const hidden = toWireError(bug);
    assert.deepEqual([hidden.status, hidden.code], [500, 'INTERNAL']);
    assert.doesNotMatch(hidden.text, /function|thrown/);
  }
});

test('what callers bring about is told as theirs', () => {
  const own = new WireError(413, 'X', 'x');
  assert.equal(toWireError(own), own);
  assert.equal(toWireError(new InvalidSubmissionIdError('a/b')).status, 400);
});

test("of the errors of a submission only those about its options are the caller's", () => {
  const option = asSubmissionError(new RangeError('Cannot submit a job with gracePeriodMs -1: expected more'));
  assert.ok(option instanceof WireError && option.status === 400);
  const bug = new TypeError('Cannot read properties of undefined');
  assert.equal(asSubmissionError(bug), bug);
});
