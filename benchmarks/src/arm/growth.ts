/** How the figure grows with the number of actors, the bytes of an argument, or the calls in flight. */
import { init } from 'heddle';
import { Plain } from '../actors/plain.ts';
import { CARRIERS } from '../carriers/carriers.ts';
import type { Plan, Point } from '../workload.ts';
import { measure, perSecond, Tally } from './measure.ts';
import { runArmProgram, type Settings } from './program.ts';
import { type Call, inFlight } from './shapes.ts';

/** Bytes that may be in flight at once: what is more is called for with fewer calls in flight. */
const IN_FLIGHT_BYTES = 64 * 2 ** 20;

await runArmProgram(async (plan, settings) => {
  const points = await seriesOf(settings)(plan);
  return { value: points[0]![1], points };
});

function seriesOf({ over, carrier }: Settings): (plan: Plan) => Promise<Point[]> {
  switch (over) {
    case 'actors':
      return growActors;
    case 'bytes':
      return (plan) => growBytes(plan, carrier as string);
    default:
      return (plan) => growDepth(plan, carrier as string);
  }
}

async function rateOf(plan: Plan, depth: number, call: Call): Promise<number> {
  const tally = new Tally();
  const short = { ...plan, warmUpMs: plan.warmUpMs / 3, measureMs: plan.measureMs / 4 };
  return perSecond(await measure(short, inFlight(depth, call, tally))).value;
}

/** Code compiled before the first point, or that point would pay for all. */
async function warm(plan: Plan, call: Call): Promise<void> {
  await measure({ ...plan, measureMs: 0 }, inFlight(1000, call, new Tally()));
}

async function growActors(plan: Plan): Promise<Point[]> {
  await using _runtime = await init();
  const points: Point[] = [];
  const first = Plain.remote();
  await warm(plan, () => first.ping.remote());
  const actors: ReturnType<typeof Plain.remote>[] = [];
  for (const count of plan.isQuick ? [1, 10, 100, 1_000, 10_000] : [1, 10, 100, 1_000, 10_000, 100_000]) {
    while (actors.length < count) {
      const more = Array.from({ length: Math.min(2_000, count - actors.length) }, () => Plain.remote());
      for (const ready of more.map((actor) => actor.ping.remote())) await ready;
      actors.push(...more);
    }
    points.push([count, await rateOf(plan, 1000, (index) => actors[index % count]!.ping.remote())]);
  }
  return points;
}

async function growBytes(plan: Plan, name: string): Promise<Point[]> {
  const carrier = await (await CARRIERS[name]!()).open({ isAsync: false });
  await warm(plan, () => carrier.take(undefined));
  const points: Point[] = [];
  for (const bytes of [0, 64, 1_024, 16_384, 262_144, 4_194_304, ...(plan.isQuick ? [] : [67_108_864])]) {
    const value = new Uint8Array(bytes).fill(7);
    const depth = Math.max(1, Math.min(1000, Math.floor(IN_FLIGHT_BYTES / Math.max(1, bytes))));
    points.push([bytes, await rateOf(plan, depth, () => carrier.take(bytes === 0 ? undefined : value))]);
  }
  return points;
}

async function growDepth(plan: Plan, name: string): Promise<Point[]> {
  const carrier = await (await CARRIERS[name]!()).open({ isAsync: false });
  await warm(plan, () => carrier.take(undefined));
  const points: Point[] = [];
  for (const depth of [1, 10, 100, 1_000, 10_000])
    points.push([depth, await rateOf(plan, depth, () => carrier.take(undefined))]);
  return points;
}
