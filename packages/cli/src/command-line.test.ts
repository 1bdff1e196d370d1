import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoteWords, toEntrypoint } from './command-line.ts';

test('one word is a shell command as it stands', () => {
  assert.equal(toEntrypoint([`sort "a b" | uniq -c`]), `sort "a b" | uniq -c`);
});

test('several words are quoted as Ray quotes them', () => {
  assert.equal(toEntrypoint(['python3', 'train.py', '--rate=0.1']), 'python3 train.py --rate=0.1');
  assert.equal(toEntrypoint(['echo', 'a b', "it's", '$HOME', '']), `echo 'a b' 'it'"'"'s' '$HOME' ''`);
});

test('a shell finds the same words again', () => {
  const word = fc
    .string({ unit: 'binary', maxLength: 10 })
    .filter((text) => text.isWellFormed() && !text.includes('\0'));
  const lists = fc.sample(fc.array(word, { minLength: 1, maxLength: 5 }), 20);
  for (const words of [...lists, ['$(id)', '`id`', '*', '~', 'a\nb', '\\', '"', '!x', '-n']]) {
    const out = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${quoteWords(words)}`], { encoding: 'utf8' });
    assert.deepEqual(out.split('\0').slice(0, -1), words);
  }
});
