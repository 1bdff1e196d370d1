/**
 * Runs schedules by their seeds, on all processors. A schedule is the same wherever it runs, and of several that go
 * wrong the one with the least seed is told, so the answer is the same too.
 *
 *   seeds ──▶ ranges, in order ──▶ who is idle takes the next ──▶ after a failure no later one is begun
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { BugName } from './bugs.ts';

export interface SeedRange {
  readonly from: number;
  readonly count: number;
}

/** What ran of a range: all of it, or up to the schedule that went wrong. */
export interface RangeResult {
  readonly schedules: number;
  readonly events: number;
  readonly faults: number;
  readonly failedSeed: number | undefined;
}

/** A worker tells this much at once. */
const RANGE_SEEDS = 100;

export async function runSchedules(
  all: SeedRange,
  bug: BugName | undefined,
  onProgress: (schedules: number) => void,
): Promise<RangeResult> {
  let sum: RangeResult = { schedules: 0, events: 0, faults: 0, failedSeed: undefined };
  let next = all.from;
  const end = all.from + all.count;
  const take = (): SeedRange | undefined => {
    if (next >= end || (sum.failedSeed ?? end) < next) return undefined;
    const range = { from: next, count: Math.min(RANGE_SEEDS, end - next) };
    next += range.count;
    return range;
  };
  const told = (result: RangeResult) => {
    const failed = [sum.failedSeed, result.failedSeed].filter((seed) => seed !== undefined);
    sum = {
      schedules: sum.schedules + result.schedules,
      events: sum.events + result.events,
      faults: sum.faults + result.faults,
      failedSeed: failed.length === 0 ? undefined : Math.min(...failed),
    };
    onProgress(sum.schedules);
  };
  const workers = Math.min(availableParallelism(), Math.ceil(all.count / RANGE_SEEDS));
  await Promise.all(Array.from({ length: workers }, () => work(bug, take, told)));
  return sum;
}

/** One thread, until there is nothing more to take. */
function work(
  bug: BugName | undefined,
  take: () => SeedRange | undefined,
  told: (result: RangeResult) => void,
): Promise<void> {
  const worker = new Worker(new URL('./schedules-worker.ts', import.meta.url), { workerData: { bug } });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const goOn = () => {
    const range = take();
    if (range === undefined) resolve();
    else worker.postMessage(range);
  };
  worker.on('message', (result: RangeResult) => {
    told(result);
    goOn();
  });
  worker.on('error', reject);
  worker.on('exit', (code) => reject(new Error(`a thread of the simulation ended with ${code}`)));
  goOn();
  return promise.finally(() => worker.terminate());
}
