/** The speed of light: a bare `spawn` loop in a fresh Node process, nothing durable. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure, sizeFromCommandLine } from '../arm.ts';
import { concurrently, ENTRYPOINT } from './workload.ts';

const directory = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
let logs = 0;
await measure(sizeFromCommandLine(), (count) => concurrently(count, run));
await rm(directory, { recursive: true });

function run(): Promise<void> {
  const log = openSync(join(directory, `${logs++}.log`), 'a');
  const child = spawn('/bin/sh', ['-c', ENTRYPOINT], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`Cannot trust this arm: code ${code}`))));
  });
}
