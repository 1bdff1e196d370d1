/** Jobs through `JobSubmissionClient` over HTTP, against a daemon of this program's own; the same work as in ray/jobs.py. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { JobSubmissionClient } from 'heddle/client';
import { median } from '../statistics.ts';
import { runArmProgram } from './program.ts';

const HEDDLE = fileURLToPath(new URL('../../../packages/heddle/bin/heddle.mjs', import.meta.url));
const TERMINAL = new Set(['SUCCEEDED', 'FAILED', 'STOPPED']);
const POLL_MS = 10;

await runArmProgram(async ({ measureMs }) => {
  const directory = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
  const daemon = spawn(process.execPath, [HEDDLE, 'start', '--directory', directory, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const client = new JobSubmissionClient(await addressOf(daemon.stdout));
  const until = async (ids: readonly string[], isThere: (status: string) => boolean) => {
    let waiting = [...ids];
    while (waiting.length > 0) {
      const statuses = await Promise.all(waiting.map((id) => client.getJobStatus(id)));
      waiting = waiting.filter((_, i) => !isThere(statuses[i]!));
      if (waiting.length > 0) await sleep(POLL_MS);
    }
  };
  const isTerminal = (status: string) => TERMINAL.has(status);
  await until([await client.submitJob({ entrypoint: 'true' })], isTerminal);
  const submitMs: number[] = [];
  const latencyMs: number[] = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    const id = await client.submitJob({ entrypoint: 'true' });
    submitMs.push(performance.now() - start);
    await until([id], isTerminal);
    latencyMs.push(performance.now() - start);
  }
  const count = measureMs > 1000 ? 200 : 80;
  const start = performance.now();
  const ids = await Promise.all(Array.from({ length: count }, () => client.submitJob({ entrypoint: 'true' })));
  await until(ids, isTerminal);
  const perSecond = (1000 * count) / (performance.now() - start);
  for (const id of ids) {
    if ((await client.getJobStatus(id)) !== 'SUCCEEDED') throw new Error(`Cannot trust this arm: job "${id}" failed`);
  }
  const alive = 10;
  const before = await megabytesBelow(process.pid);
  const sleepers = await Promise.all(
    Array.from({ length: alive }, () => client.submitJob({ entrypoint: 'sleep 600' })),
  );
  await until(sleepers, (status) => status !== 'PENDING');
  await sleep(2000);
  const eachMb = ((await megabytesBelow(process.pid)) - before) / alive;
  await Promise.all(sleepers.map((id) => client.stopJob(id)));
  await until(sleepers, isTerminal);
  const ended = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  await ended;
  await rm(directory, { recursive: true });
  const notes = {
    'jobs/s, all submitted at once': perSecond,
    'submit answered, ms': median(submitMs),
    'submit to terminal, ms': median(latencyMs),
    'MB for each job alive': eachMb,
    'MB of the idle head': before,
  };
  return { value: perSecond, notes };
});

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /https?:\/\/[\w.:]+/.exec(line)?.[0];
    if (address === undefined) continue;
    output.resume();
    return address;
  }
  throw new Error('Cannot start the daemon: it ended before it was ready');
}

/** Memory of all processes of this session's tree and of the launcher, which leaves it; what they share in parts. */
async function megabytesBelow(root: number): Promise<number> {
  const parents = new Map<number, number>();
  const launchers: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) continue;
    parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    const environment = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (environment.includes('heddle-bench-')) launchers.push(Number(entry));
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === root || launchers.includes(pid) || isBelow(parents.get(pid)));
  let kilobytes = 0;
  for (const pid of parents.keys()) {
    if (pid === root || !isBelow(pid)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}
