import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { toArgv, toCommandText } from './entrypoint.ts';

test('a string goes to the shell as it stands', () => {
  assert.deepEqual(toArgv(`echo "a b" | tr a-z A-Z`), ['/bin/sh', '-c', `echo "a b" | tr a-z A-Z`]);
  assert.equal(toCommandText('echo $HOME'), 'echo $HOME');
});

test('a list is executed exactly', () => {
  assert.deepEqual(toArgv(['printf', '%s', '$HOME']), ['printf', '%s', '$HOME']);
});

test('the text of a list means the same list to a shell', () => {
  const word = fc.string({ maxLength: 8 }).filter((text) => !text.includes('\0'));
  const lists = fc.sample(fc.array(word, { minLength: 1, maxLength: 5 }), 20);
  for (const list of [...lists, ["it's", '', '$HOME', 'a b', '*']]) {
    const back = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${toCommandText(list)}`], { encoding: 'utf8' });
    assert.deepEqual(back.split('\0').slice(0, -1), list);
  }
});
