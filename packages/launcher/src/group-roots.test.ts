import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { readGroupRoots } from './group-roots.ts';

/** Notes a root and forgets it, again and again, as launchers do that come and go; stops when the word is 1. */
const COMES_AND_GOES = `
  const { writeFileSync, rmSync } = require('node:fs');
  const { workerData: { file, words } } = require('node:worker_threads');
  while (Atomics.load(words, 0) === 0) {
    writeFileSync(file, '/a/root\\n');
    rmSync(file);
    Atomics.store(words, 1, 1);
    Atomics.notify(words, 1);
  }`;
const READS = 5_000;

test('a file of roots that is removed while it is read has nothing to say, and that is no error', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'heddle-roots-'));
  const file = join(directory, 'groups');
  const words = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(COMES_AND_GOES, { eval: true, workerData: { file, words } });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  try {
    assert.notEqual(await Atomics.waitAsync(words, 1, 0, 60_000).value, 'timed-out');
    for (let read = 0; read < READS; read++) for (const root of readGroupRoots(file)) assert.equal(root, '/a/root');
  } finally {
    Atomics.store(words, 0, 1);
    await ended;
    rmSync(directory, { recursive: true });
  }
});
