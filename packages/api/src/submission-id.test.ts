import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSubmissionId, InvalidSubmissionIdError, isSubmissionId } from './submission-id.ts';

test('letters, digits, "_", "." and "-" make an id', () => {
  for (const id of ['a', '0', 'raysubmit_8AbC', 'my.job-1_x', 'A'.repeat(128)]) assert.equal(isSubmissionId(id), true);
});

test('what could become another path, another name or another line is no id', () => {
  const bad = [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'a\\b',
    'a\0b',
    'a\n',
    'a\r\nx: y',
    '-rf',
    '_a',
    ' a',
    'a b',
    'ä',
    'а',
    'a%2fb',
  ];
  for (const id of [...bad, 'a'.repeat(129), 'a'.repeat(10_240), 7, null, ['a']])
    assert.throws(() => checkSubmissionId(id), InvalidSubmissionIdError, String(id));
});

test('the error quotes no more of a bad id than a line can hold', () => {
  const { message, code } = new InvalidSubmissionIdError('x\n'.repeat(10_000));
  assert.equal(code, 'INVALID_SUBMISSION_ID');
  assert.ok(message.length < 500 && !message.includes('\n'));
});
