/** A quiet actor called once in a while, while its neighbour on the same thread has 1,000 calls in flight all the time. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { init } from 'heddle';
import { TakingCounter } from '../actors/counter.ts';
import { CARRIERS } from '../carriers/carriers.ts';
import { quantile } from '../statistics.ts';
import { Tally } from './measure.ts';
import { runArmProgram } from './program.ts';
import { inFlight } from './shapes.ts';

/** A 99th percentile of fewer says nothing. */
const SAMPLES_MIN = 100;

interface Neighbours {
  readonly flood: () => PromiseLike<number>;
  readonly quiet: () => PromiseLike<number>;
}

await runArmProgram(async (plan, { isBare }) => {
  const { flood, quiet } = isBare === true ? await openBare() : await openHeddle();
  const floodTally = new Tally();
  const quietTally = new Tally();
  const latenciesUs: number[] = [];
  let isOver = false;
  const flooding = (async () => {
    const piece = inFlight(1000, flood, floodTally);
    while (!isOver) await piece();
  })();
  const start = performance.now();
  const untilMs = plan.warmUpMs + plan.measureMs;
  while (performance.now() - start < untilMs || latenciesUs.length < SAMPLES_MIN) {
    const began = performance.now();
    quietTally.add(await quiet());
    if (began - start > plan.warmUpMs) latenciesUs.push((performance.now() - began) * 1000);
    await nextTurn();
  }
  isOver = true;
  await flooding;
  if (isBare !== true) quietTally.checkCounted();
  if (floodTally.answers === 0) throw new Error('Cannot trust this arm: there was no flood');
  return {
    value: quantile(latenciesUs, 0.99),
    notes: {
      'median µs': quantile(latenciesUs, 0.5),
      'quiet calls': latenciesUs.length,
      'flooded calls': floodTally.answers,
    },
  };
});

async function openHeddle(): Promise<Neighbours> {
  await init({ workers: 1 });
  const flooded = TakingCounter.remote();
  const quiet = TakingCounter.remote();
  return { flood: () => flooded.take.remote(), quiet: () => quiet.take.remote() };
}

/** One port for both: who floods it is ahead of who does not. */
async function openBare(): Promise<Neighbours> {
  const carrier = await (await CARRIERS['post-message']!()).open({ isAsync: false });
  return { flood: () => carrier.take(undefined), quiet: () => carrier.take(undefined) };
}
