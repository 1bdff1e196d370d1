import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { readProcess } from './process-table.ts';
import { until } from './testing/harness.ts';
import { killTree } from './tree-killing.ts';

/** A shell with a child and a grandchild that are in sessions of their own; says their pids. */
async function startTree() {
  const script = "setsid sh -c 'sleep 60 & echo $$ $!; wait' & echo $!; wait; exec sleep 60"; // Its end is the kill, not that of its child.
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await until('the tree is up', () => said.trim().split(/\s+/).length === 3);
  return { child, pids: said.trim().split(/\s+/).map(Number) };
}

const isGone = (pid: number): boolean => readProcess(pid)?.isZombie ?? true;

test('a tree is killed by its parents alone, where its processes are in sessions of their own', async (t) => {
  if (!['/bin/ps', '/usr/bin/ps'].some(existsSync)) return t.skip('there is no ps');
  const { child, pids } = await startTree();
  const exited = once(child, 'exit');
  assert.equal(await killTree(child.pid!), true);
  assert.equal((await exited)[1], 'SIGKILL');
  for (const pid of pids) await until(`process ${pid} is dead`, () => isGone(pid));
});

test('without a program that lists processes nothing is done, and nobody is taken down', async () => {
  const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
  assert.equal(await killTree(child.pid!, ['/nonexistent']), false);
  assert.equal(child.exitCode ?? child.signalCode, null);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
});
