/** Runs a workload: its arms in turn, round after round, each in a fresh process. */
import { runArm } from './child.ts';
import type { Scratch } from './scratch.ts';
import { median, spread, timesBetter } from './statistics.ts';
import type { Arm, Figures, Plan, Point, Workload } from './workload.ts';

export interface RunOptions {
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly scratch: Scratch;
  /** Told before each arm runs. */
  readonly onArm: (workload: Workload, arm: Arm, round: number, rounds: number) => void;
}

/** What all rounds of an arm say together. */
export interface ArmResult {
  readonly arm: string;
  readonly side: Arm['side'];
  /** The median of the rounds; undefined where `unavailable` or `failure` says why. */
  readonly value?: number;
  /** Greatest round over least. */
  readonly spread?: number;
  /** How many times better than the speed of light of the same run. */
  readonly timesLight?: number;
  readonly cpuMsPer1000?: number;
  readonly p99Us?: number;
  readonly points?: readonly Point[];
  readonly notes?: Readonly<Record<string, number>>;
  readonly unavailable?: string;
  readonly failure?: string;
}

export interface WorkloadResult {
  readonly name: string;
  readonly group: string;
  readonly title: string;
  readonly unit: string;
  readonly better: Workload['better'];
  readonly target?: string;
  readonly x?: string;
  readonly rounds: number;
  readonly arms: readonly ArmResult[];
}

const planOf = ({ timeFactor = 1, warmUpFactor = 1 }: Workload, isQuick: boolean): Plan => ({
  warmUpMs: Math.round((isQuick ? 150 : 200) * warmUpFactor),
  measureMs: Math.round(250 * timeFactor),
  isQuick,
});

export async function runWorkload(workload: Workload, options: RunOptions): Promise<WorkloadResult> {
  const rounds = workload.roundsInside === true ? 1 : options.rounds;
  const found = new Map<Arm, Figures[]>(workload.arms.map((arm) => [arm, []]));
  const failures = new Map<Arm, string>();
  for (let round = 1; round <= rounds; round++) {
    for (const arm of workload.arms) {
      if (failures.has(arm) || found.get(arm)![0]?.unavailable !== undefined) continue;
      options.onArm(workload, arm, round, rounds);
      try {
        found.get(arm)!.push(await runArm(arm, planOf(workload, options.isQuick), options.scratch));
      } catch (error) {
        failures.set(arm, (error as Error).message);
      }
    }
  }
  const { name, group, title, unit, better, target, x } = workload;
  const arms = workload.arms.map((arm) => summary(arm, found.get(arm)!, failures.get(arm)));
  const light = arms.find((arm) => arm.side === 'light')?.value;
  return {
    name,
    group,
    title,
    unit,
    better,
    ...(target === undefined ? {} : { target }),
    ...(x === undefined ? {} : { x }),
    rounds: options.rounds,
    arms: arms.map((arm) =>
      light === undefined || arm.value === undefined
        ? arm
        : { ...arm, timesLight: timesBetter(arm.value, light, better) },
    ),
  };
}

/** Medians of everything that the rounds found. */
export function summary(arm: Pick<Arm, 'name' | 'side'>, rounds: readonly Figures[], failure?: string): ArmResult {
  const head = { arm: arm.name, side: arm.side };
  if (failure !== undefined) return { ...head, failure };
  const unavailable = rounds[0]?.unavailable;
  if (unavailable !== undefined) return { ...head, unavailable };
  const values = rounds.map((each) => each.value);
  const medianOf = (pick: (figures: Figures) => number | undefined): number | undefined => {
    const all = rounds.map(pick).filter((each) => each !== undefined);
    return all.length === 0 ? undefined : median(all);
  };
  const cpuMsPer1000 = medianOf((each) => each.cpuMsPer1000);
  const p99Us = medianOf((each) => each.p99Us);
  const points = rounds[0]!.points?.map(
    ([x], index): Point => [x, median(rounds.map((each) => each.points![index]![1]))],
  );
  const notes = Object.keys(rounds[0]!.notes ?? {}).map((note) => [note, medianOf((each) => each.notes![note])!]);
  return {
    ...head,
    value: median(values),
    spread: spread(values),
    ...(cpuMsPer1000 === undefined ? {} : { cpuMsPer1000 }),
    ...(p99Us === undefined ? {} : { p99Us }),
    ...(points === undefined ? {} : { points }),
    ...(notes.length === 0 ? {} : { notes: Object.fromEntries(notes) as Record<string, number> }),
  };
}
