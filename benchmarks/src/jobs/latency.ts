/**
 * How long one job's steps take, and how the daemon's loop fares while many run. Prints one line of JSON.
 *
 *   submitToRunning   from the call of `submitJob` until RUNNING can be read
 *   exitToTerminal    from the launcher's `endedAt` until the terminal status can be read
 *   lineToTail        from the moment a process has written a line until a follower has it
 *   loopP99           delay of the event loop, 99th percentile, while 16 jobs at a time are submitted
 */
import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { JobManager } from 'heddle/jobs';
import { concurrently, ENTRYPOINT } from '../arm/concurrently.ts';

const size = Number(process.argv[2] ?? 1000);
const containment = (process.argv[3] ?? 'auto') as 'auto' | 'cgroup' | 'marker';
const directory = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
{
  await using jobs = await JobManager.open({ directory, containment });
  await concurrently(size / 10, () => run(jobs));
  const running: number[] = [];
  const terminal: number[] = [];
  for (let count = 0; count < size / 10; count++) {
    const { runningMs, terminalMs } = await timeOne(jobs);
    running.push(runningMs);
    terminal.push(terminalMs);
  }
  const tail = await timeLines(jobs, size / 10);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  await concurrently(size, () => run(jobs));
  loop.disable();
  const result = {
    submitToRunningMs: percentiles(running),
    exitToTerminalMs: percentiles(terminal),
    lineToTailMs: percentiles(tail),
    loopP99Ms: Number((loop.percentile(99) / 1e6).toFixed(2)),
  };
  console.log(JSON.stringify(result));
}
await rm(directory, { recursive: true });

async function run(jobs: JobManager): Promise<void> {
  const id = await jobs.submitJob({ entrypoint: ENTRYPOINT });
  for await (const _text of jobs.tailJobLogs(id));
}

/** A job that says when it runs and when it ends: the follower is told of both. */
async function timeOne(jobs: JobManager): Promise<{ runningMs: number; terminalMs: number }> {
  const submittedAtMs = performance.now();
  const id = await jobs.submitJob({ entrypoint: 'sleep 0.03' });
  const runningMs = (await seen(jobs, id, (status) => status !== 'PENDING')) - submittedAtMs;
  for await (const _text of jobs.tailJobLogs(id));
  const nowMs = Date.now();
  const { endTime } = await jobs.getJobInfo(id);
  return { runningMs, terminalMs: nowMs - endTime! };
}

/** Reads again and again, a millisecond apart: what is measured is when it can be read, at most that late. */
async function seen(jobs: JobManager, id: string, is: (status: string) => boolean): Promise<number> {
  while (!is((await jobs.getJobInfo(id)).status)) await new Promise((resolve) => setTimeout(resolve, 1));
  return performance.now();
}

/** Lines of a log that a follower waits for, written by this process so that both moments are of one clock. */
async function timeLines(jobs: JobManager, count: number): Promise<number[]> {
  const id = await jobs.submitJob({ entrypoint: 'sleep 3600' });
  const tail = jobs.tailJobLogs(id);
  await tail.next();
  const times: number[] = [];
  for (let line = 0; line < count; line++) {
    const next = tail.next();
    await new Promise((resolve) => setTimeout(resolve, 2)); // The follower waits by now.
    const writtenAtMs = performance.now();
    appendFileSync(join(jobs.directory, 'logs', `${id}.log`), `line ${line}\n`);
    await next;
    times.push(performance.now() - writtenAtMs);
  }
  await jobs.stopJob(id);
  for await (const _text of tail);
  return times;
}

function percentiles(values: readonly number[]): { p50: number; p99: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(2));
  return { p50: at(0.5), p99: at(0.99) };
}
