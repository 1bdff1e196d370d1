/**
 * `npm run bench:jobs-scale [-- LIVE CHURN]`: what many jobs cost. Prints one line of JSON for each part.
 *
 *   live      LIVE jobs alive at once: heap for each supervisor beyond the base, after a forced collection; whether
 *             every one of them answered its pings; resident memory of daemon and launcher for each, and of the job itself
 *   restart   how long until ready again with LIVE / 2 of them running and CHURN finished jobs in the tables
 *   churn     CHURN jobs, 16 at a time: growth of the resident memory after the first tenth, all of them remembered, each
 *             time after a forced collection in the manager's and the supervisors' thread
 */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ActorHandle, startRuntime } from 'heddle';
import { JobManager } from 'heddle/jobs';
import { concurrently } from '../arm/concurrently.ts';
import { readCounts } from '../command-line.ts';
import { Scratch } from '../scratch.ts';
import { RemoteHeapProbe } from './heap-probe.ts';

const [live, churn] = readCounts('npm run bench:jobs-scale -- [LIVE [CHURN]]', [2000, 10_000]);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: object) => void;
const MIB = 2 ** 20;

using scratch = Scratch.make();
const { directory } = scratch;
await measureChurn();
await measureRestart(await measureLive());

/** The finished jobs stay for the restart. */
async function measureChurn(): Promise<void> {
  await using runtime = await startRuntime({ workers: 0 });
  await using jobs = await JobManager.open({ directory, runtime, retainedJobs: churn });
  const probe = runtime.create(RemoteHeapProbe, [], { placement: 'system' });
  const run = (count: number) => concurrently(count, () => runOne(jobs));
  await run(churn / 10);
  const before = await settledRss(probe);
  const startedMs = performance.now();
  await run(churn - churn / 10);
  const seconds = (performance.now() - startedMs) / 1000;
  const after = await settledRss(probe);
  print('churn', {
    jobs: churn,
    perSecond: Math.round((churn * 0.9) / seconds),
    rssMiB: [before, after].map((bytes) => Math.round(bytes / MIB)),
    growthPercent: Number(((after / before - 1) * 100).toFixed(1)),
  });
}

async function runOne(jobs: JobManager): Promise<void> {
  const id = await jobs.submitJob({ entrypoint: 'true' });
  for await (const _text of jobs.tailJobLogs(id));
}

/** What is held: room for young objects that V8 has taken once, it gives back in such a collection and when idle. */
async function settledRss(supervisorsThread: ActorHandle<typeof RemoteHeapProbe>): Promise<number> {
  await supervisorsThread.usedAfterCollection.remote();
  for (let times = 0; times < 3; times++) collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  return process.memoryUsage.rss();
}

/** Half of the jobs are stopped at the end; the rest run on for the next manager. */
async function measureLive(): Promise<string[]> {
  await using runtime = await startRuntime({ workers: 0 });
  await using jobs = await JobManager.open({ directory, runtime, retainedJobs: churn, maxRunningJobs: live });
  const probe = runtime.create(RemoteHeapProbe, [], { placement: 'system' });
  const heap = async () => {
    for (let times = 0; times < 3; times++) collect();
    return { main: process.memoryUsage().heapUsed, system: await probe.usedAfterCollection.remote() };
  };
  await concurrently(live / 10, () => runOne(jobs)); // What every process has once is the base.
  const base = await heap();
  const rssBase = process.memoryUsage.rss();
  const launcherBase = launcherRss(jobs);
  const startedMs = performance.now();
  const ids = await Promise.all(Array.from({ length: live }, () => jobs.submitJob({ entrypoint: ['sleep', '3600'] })));
  while (jobs.stats().jobs.RUNNING < live) await new Promise((resolve) => setTimeout(resolve, 10));
  const readyMs = performance.now() - startedMs;
  await new Promise((resolve) => setTimeout(resolve, 3000)); // Three rounds of pings.
  const { watched, unreachable, struggling } = jobs.stats().supervisors;
  const used = await heap();
  print('live', {
    jobs: live,
    runningAfterMs: Math.round(readyMs),
    heapBytesPerJob: {
      main: Math.round((used.main - base.main) / live),
      system: Math.round((used.system - base.system) / live),
    },
    rssBytesPerJob: {
      daemon: Math.round((process.memoryUsage.rss() - rssBase) / live),
      launcher: Math.round((launcherRss(jobs) - launcherBase) / live),
    },
    bytesOfTheJobItself: await shareOf(jobs, ids[0]!),
    watched,
    unreachable,
    struggling,
  });
  const half = ids.splice(0, live / 2);
  await Promise.all(half.map((id) => jobs.stopJob(id)));
  while (jobs.stats().jobs.RUNNING > ids.length) await new Promise((resolve) => setTimeout(resolve, 10));
  return ids;
}

function launcherRss(jobs: JobManager): number {
  return readBytes(jobs.stats().launcher.pid!, 'Rss');
}

/** What its process has for itself, and its part of what it shares. */
async function shareOf(jobs: JobManager, id: string): Promise<number> {
  return readBytes(Number((await jobs.getJobInfo(id)).driverPid), 'Pss');
}

function readBytes(pid: number, name: 'Rss' | 'Pss'): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
}

async function measureRestart(running: readonly string[]): Promise<void> {
  const startedMs = performance.now();
  await using jobs = await JobManager.open({ directory, retainedJobs: 2 * churn });
  const readyMs = Math.round(performance.now() - startedMs);
  const { recovered, jobs: counts } = jobs.stats();
  print('restart', { readyMs, recoveryMs: Math.round(recovered.durationMs), adopted: recovered.adopted, counts });
  await Promise.all(running.map((id) => jobs.stopJob(id)));
  while (jobs.stats().jobs.RUNNING > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

function print(part: string, figures: object): void {
  console.log(JSON.stringify({ part, ...figures }));
}
