/** Jobs through `JobSubmissionClient` over HTTP, against a daemon of this program's own; the same work as in ray/jobs.py. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobSubmissionClient } from 'heddle/client';
import { median } from '../statistics.ts';
import { BenchDaemon, isTerminal } from './bench-daemon.ts';
import { concurrently } from './concurrently.ts';
import { memoryBelow } from './memory-below.ts';
import { runArmProgram } from './program.ts';

const POLL_MS = 1;
const TIMED = 20;
const ALIVE = 1000;

await runArmProgram(async ({ warmUpMs, measureMs }) => {
  await using daemon = await BenchDaemon.start(ALIVE);
  const { client } = daemon;
  await warmUp(client, 10 * warmUpMs);
  const memory = await memoryOfLiving(client);
  const { submitMs, latencyMs } = await timeJobs(client);
  const perSecond = await timeMany(client, measureMs > 1000 ? 2000 : 400);
  const notes = {
    'jobs/s, all submitted at once': perSecond,
    'submit answered, ms': median(submitMs),
    'submit to terminal, ms': median(latencyMs),
    ...memory,
  };
  return { value: perSecond, notes };
});

/** Both sides are given the same time: in Ray's that is the first job and one or two more. */
async function warmUp(client: JobSubmissionClient, ms: number): Promise<void> {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs) await concurrently(16, () => runOne(client));
}

async function timeJobs(client: JobSubmissionClient) {
  const submitMs: number[] = [];
  const latencyMs: number[] = [];
  for (let i = 0; i < TIMED; i++) {
    const start = performance.now();
    const id = await client.submitJob({ entrypoint: 'true' });
    submitMs.push(performance.now() - start);
    await untilAll(client, [id], isTerminal);
    latencyMs.push(performance.now() - start);
  }
  return { submitMs, latencyMs };
}

async function timeMany(client: JobSubmissionClient, count: number): Promise<number> {
  const start = performance.now();
  const ids = await Promise.all(Array.from({ length: count }, () => client.submitJob({ entrypoint: 'true' })));
  await untilAll(client, ids, isTerminal);
  const perSecond = (1000 * count) / (performance.now() - start);
  for (const id of ids)
    if ((await client.getJobStatus(id)) !== 'SUCCEEDED') throw new Error(`Cannot trust this arm: job "${id}" failed`);
  return perSecond;
}

/** What each job that sleeps costs, with its own process and beside it. */
async function memoryOfLiving(client: JobSubmissionClient) {
  const before = await memoryBelow(process.pid);
  const ids = await Promise.all(Array.from({ length: ALIVE }, () => client.submitJob({ entrypoint: 'sleep 600' })));
  await untilAll(client, ids, (status) => status !== 'PENDING');
  await sleep(2000);
  const after = await memoryBelow(process.pid);
  await Promise.all(ids.map((id) => client.stopJob(id)));
  await untilAll(client, ids, isTerminal);
  return {
    'MB for each job alive': (after.all - before.all) / ALIVE,
    'MB for each job alive, beside its own process': (after.all - after.sleepers - before.all) / ALIVE,
    'MB of the idle head': before.all,
  };
}

async function runOne(client: JobSubmissionClient): Promise<void> {
  await untilAll(client, [await client.submitJob({ entrypoint: 'true' })], isTerminal);
}

/** One after another: to ask for all of them each time would be most of the work. */
async function untilAll(
  client: JobSubmissionClient,
  ids: readonly string[],
  isThere: (status: string) => boolean,
): Promise<void> {
  for (const id of ids) while (!isThere(await client.getJobStatus(id))) await sleep(POLL_MS);
}
