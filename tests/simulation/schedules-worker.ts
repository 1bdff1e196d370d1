/** A thread that runs the schedules of one range of seeds after the other. `schedules.ts` says which. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BugName } from './bugs.ts';
import type { RangeResult, SeedRange } from './schedules.ts';
import { simulate } from './world.ts';

const { bug } = workerData as { readonly bug: BugName | undefined };

async function run({ from, count }: SeedRange): Promise<RangeResult> {
  let [events, faults] = [0, 0];
  for (let seed = from; seed < from + count; seed++) {
    const verdict = await simulate(seed, { bug, traces: false });
    events += verdict.events;
    faults += verdict.faults;
    if (verdict.failure !== undefined) return { schedules: seed - from + 1, events, faults, failedSeed: seed };
  }
  return { schedules: count, events, faults, failedSeed: undefined };
}

parentPort!.on('message', (range: SeedRange) => void run(range).then((result) => parentPort!.postMessage(result)));
