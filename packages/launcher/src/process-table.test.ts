import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { JOB_MARK_VARIABLE, readProcess } from './process-table.ts';
import { nextTurn } from './turn.ts';

/** Replaces its program by itself, so many times. */
const EXEC_TIMES = 400;
const EXECS = `[ "$1" -gt 0 ] && exec /bin/sh -c "$0" "$0" $(($1 - 1)); echo; read -r line`;

test('a process keeps its mark while it replaces its program', async () => {
  const env = { PATH: '/usr/bin:/bin', [JOB_MARK_VARIABLE]: 'of-this-test:a' };
  const child = spawn('/bin/sh', ['-c', EXECS, EXECS, String(EXEC_TIMES)], { env });
  const marks = new Set<string | undefined>();
  let isThrough = false;
  child.stdout.once('data', () => {
    isThrough = true;
  });
  for (let looks = 0; !isThrough; looks++) {
    marks.add(readProcess(child.pid ?? 0)?.mark);
    if (looks % 100 === 99) await nextTurn();
  }
  child.stdin.end('go on\n');
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.deepEqual([...marks], ['of-this-test:a']);
});
