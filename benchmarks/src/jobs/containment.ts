/**
 * `npm run bench:containment [-- JOBS ROUNDS]`: what a control group costs a job. Prints one line of JSON.
 *
 * Two managers, one with each containment tier, take turns in one process: JOBS jobs of `true`, durable, 16 at a time.
 * What counts is the ratio of a turn of the one to the turn of the other beside it; the median of ROUNDS such ratios.
 * `runningMs`: from the submission until RUNNING can be read, of jobs that come alone, 50 ms apart.
 */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { JobManager } from 'heddle/jobs';
import { concurrently, ENTRYPOINT } from '../arm/concurrently.ts';
import { readCounts } from '../command-line.ts';
import { Scratch } from '../scratch.ts';

const [count, rounds] = readCounts('npm run bench:containment -- [JOBS [ROUNDS]]', [300, 9]);
using scratch = Scratch.make();
const { directory } = scratch;
{
  await using marker = await JobManager.open({ directory: join(directory, 'marker'), containment: 'marker' });
  await using cgroup = await JobManager.open({ directory: join(directory, 'cgroup'), containment: 'cgroup' });
  await perSecond(marker);
  await perSecond(cgroup);
  const turns: { marker: number; cgroup: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const first = round % 2 === 0 ? await perSecond(marker) : await perSecond(cgroup);
    const second = round % 2 === 0 ? await perSecond(cgroup) : await perSecond(marker);
    turns.push(round % 2 === 0 ? { marker: first, cgroup: second } : { marker: second, cgroup: first });
  }
  const result = {
    jobs: count,
    rounds,
    markerPerSecond: Math.round(median(turns.map((turn) => turn.marker))),
    cgroupPerSecond: Math.round(median(turns.map((turn) => turn.cgroup))),
    ratio: Number(median(turns.map((turn) => turn.cgroup / turn.marker)).toFixed(3)),
    runningMs: await runningMs(marker, cgroup),
    extraMsPerJob: Number(median(turns.map((turn) => 1000 / turn.cgroup - 1000 / turn.marker)).toFixed(3)),
  };
  console.log(JSON.stringify(result));
}

async function perSecond(jobs: JobManager): Promise<number> {
  const startedMs = performance.now();
  await concurrently(count, () => run(jobs));
  return count / ((performance.now() - startedMs) / 1000);
}

async function run(jobs: JobManager): Promise<void> {
  const id = await jobs.submitJob({ entrypoint: ENTRYPOINT });
  for await (const _text of jobs.tailJobLogs(id));
}

/** One of each in turn, so that both meet the same machine. */
async function runningMs(marker: JobManager, cgroup: JobManager): Promise<{ marker: number; cgroup: number }> {
  const times: Record<'marker' | 'cgroup', number[]> = { marker: [], cgroup: [] };
  for (let job = 0; job < 40; job++) {
    times.marker.push(await oneRunningMs(marker));
    times.cgroup.push(await oneRunningMs(cgroup));
  }
  return { marker: Number(median(times.marker).toFixed(1)), cgroup: Number(median(times.cgroup).toFixed(1)) };
}

async function oneRunningMs(jobs: JobManager): Promise<number> {
  await setTimeout(50);
  const startedMs = performance.now();
  const id = await jobs.submitJob({ entrypoint: 'sleep 0.03' });
  while ((await jobs.getJobInfo(id)).status === 'PENDING') await setTimeout(1);
  return performance.now() - startedMs;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)]!;
}
