import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './verdict.ts';

const ran = (output: string, error?: string) => ({ output, error, durationMs: 1 });

test('a program that prints what is expected and ends well has passed', () => {
  assert.equal(judge('one\ntwo\n', ran('one\ntwo\n')), undefined);
});

test('the first line that differs is quoted, and an end that comes early or late', () => {
  assert.equal(judge('one\ntwo\n', ran('one\n2\n')), 'line 2: expected "two\\n", got "2\\n"');
  assert.equal(judge('one\ntwo\n', ran('one\n')), 'line 2: expected "two\\n", got the end');
  assert.equal(judge('one\n', ran('one\ntwo\n')), 'line 2: expected the end, got "two\\n"');
  assert.equal(judge('one\n', ran('')), 'line 1: expected "one\\n", got the end');
  assert.equal(judge('one\n', ran('one')), 'line 1: expected "one\\n", got "one"');
  assert.equal(judge('one\n', ran('one\n\n')), 'line 2: expected the end, got "\\n"');
});

test('a program that prints what is expected and then fails has failed', () => {
  assert.equal(judge('one\n', ran('one\n', 'exit code 1')), 'exit code 1');
  assert.equal(judge('one\n', ran('', 'exit code 1')), 'line 1: expected "one\\n", got the end\nexit code 1');
});
