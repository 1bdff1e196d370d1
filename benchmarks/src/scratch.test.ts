import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SCRATCH = fileURLToPath(new URL('./scratch.ts', import.meta.url));

/** A run with a child that would go on for an hour, and a launcher's job in a session of its own. */
const RUN = `
  import { spawn } from 'node:child_process';
  import { writeFileSync } from 'node:fs';
  import { Scratch } from ${JSON.stringify(SCRATCH)};
  const scratch = Scratch.make();
  writeFileSync(scratch.directory + '/file', '');
  const arm = spawn('sleep', ['3600']);
  scratch.own(arm);
  const job = "const job = require('child_process').spawn('sleep', ['3600'], { detached: true }); console.log(job.pid);";
  const launcher = spawn(process.execPath, ['-e', job, scratch.directory], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  launcher.stdout.once('data', (job) => console.log(JSON.stringify({ directory: scratch.directory, pids: [arm.pid, Number(job)] })));
`;

test('a run that is interrupted leaves no file, no arm and no job of a launcher', async () => {
  const run = spawn(process.execPath, ['--input-type=module', '-e', RUN], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(run, 'exit');
  const [line] = await Promise.race([once(run.stdout, 'data'), exited]);
  const { directory, pids } = JSON.parse(String(line));
  assert.ok(existsSync(directory));
  run.kill('SIGINT');
  const [code, signal] = await exited;
  assert.deepEqual([code, signal], [null, 'SIGINT']);
  assert.equal(existsSync(directory), false);
  for (const pid of pids) await gone(pid);
});

/** Its parent, or who takes its parent's place, may take a moment to bury it. */
async function gone(pid: number): Promise<void> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await setTimeout(10))
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
  assert.fail(`process ${pid} lives`);
}
