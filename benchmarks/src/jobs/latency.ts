/**
 * `npm run bench:jobs-latency [-- JOBS]`: how long one job's steps take, and how the daemon's loop fares while many run.
 * Prints one line of JSON for each containment tier that this machine has.
 *
 *   submitToRunning   from the call of `submitJob` until the manager, which is told of it, logs RUNNING
 *   exitToTerminal    from the launcher's `endedAt` until the terminal status can be read
 *   lineToTail        from the moment a process has written a line until a follower has it
 *   loopP99           delay of the event loop, 99th percentile, while 16 jobs at a time are submitted
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ContainmentUnavailableError, JobManager } from 'heddle/jobs';
import { concurrently, ENTRYPOINT } from '../arm/concurrently.ts';
import { readCounts } from '../command-line.ts';
import { Scratch } from '../scratch.ts';
import { RunningTimes } from './running-times.ts';

const [size] = readCounts('npm run bench:jobs-latency -- [JOBS]', [1000]);
for (const containment of ['marker', 'cgroup'] as const) {
  using scratch = Scratch.make();
  try {
    console.log(JSON.stringify({ containment, ...(await measure(scratch.directory, containment)) }));
  } catch (error) {
    if (!(error instanceof ContainmentUnavailableError)) throw error;
    console.log(JSON.stringify({ containment, notAvailable: error.message }));
  }
}

async function measure(directory: string, containment: 'marker' | 'cgroup') {
  const times = new RunningTimes();
  await using jobs = await JobManager.open({ directory, containment, logger: times });
  await concurrently(size / 10, () => run(jobs));
  const running: number[] = [];
  const terminal: number[] = [];
  for (let count = 0; count < size / 10; count++) {
    const { runningMs, terminalMs } = await timeOne(jobs, times);
    running.push(runningMs);
    terminal.push(terminalMs);
  }
  const tail = await timeLines(jobs, size / 10);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  await concurrently(size, () => run(jobs));
  loop.disable();
  return {
    submitToRunningMs: percentiles(running),
    exitToTerminalMs: percentiles(terminal),
    lineToTailMs: percentiles(tail),
    loopP99Ms: Number((loop.percentile(99) / 1e6).toFixed(2)),
  };
}

async function run(jobs: JobManager): Promise<void> {
  const id = await jobs.submitJob({ entrypoint: ENTRYPOINT });
  for await (const _text of jobs.tailJobLogs(id));
}

/** The manager's log says when it runs, and the end of its tail when it is over. */
async function timeOne(jobs: JobManager, times: RunningTimes): Promise<{ runningMs: number; terminalMs: number }> {
  const submittedAtMs = performance.now();
  const id = await jobs.submitJob({ entrypoint: 'sleep 0.03' });
  const runningMs = (await times.of(id)) - submittedAtMs;
  const { status } = await jobs.getJobInfo(id);
  if (status !== 'RUNNING')
    throw new Error(`Cannot time job "${id}": it is said to be RUNNING, and reads as ${status}`);
  for await (const _text of jobs.tailJobLogs(id));
  const nowMs = Date.now();
  const { endTime } = await jobs.getJobInfo(id);
  return { runningMs, terminalMs: nowMs - endTime! };
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
