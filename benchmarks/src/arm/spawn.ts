/** The speed of light of jobs: a bare `spawn` loop in a fresh Node process, nothing durable. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AT_ONCE, concurrently, ENTRYPOINT } from './concurrently.ts';
import { measure, perSecond } from './measure.ts';
import { runArmProgram } from './program.ts';

await runArmProgram(async (plan) => {
  const directory = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
  let logs = 0;
  const run = (): Promise<void> => {
    const log = openSync(join(directory, `${logs++}.log`), 'a');
    const child = spawn('/bin/sh', ['-c', ENTRYPOINT], { detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`Cannot trust this arm: code ${code}`))));
    });
  };
  const measured = await measure(plan, async () => {
    await concurrently(4 * AT_ONCE, run);
    return 4 * AT_ONCE;
  });
  await rm(directory, { recursive: true });
  return perSecond(measured);
});
