/**
 * Measures an operation for a given time, after a warm-up of the same operation.
 *
 * Answers are counted and summed; a sum that differs from what the calls must have given ends the arm, so that a
 * figure is never of work that was not done.
 */
import { quantile, sumOfRange } from '../statistics.ts';
import type { Figures, Plan } from '../workload.ts';

/** Takes the answers of one arm. */
export class Tally {
  answers = 0;
  sum = 0;
  /** From a call to its answer, in microseconds, of some of the calls. */
  readonly latenciesUs: number[] = [];

  add(answer: number): void {
    this.answers++;
    this.sum += answer;
  }

  /** @throws Error unless the answers were 1, 2, 3, … in any order. */
  checkCounted(): void {
    this.checkSum(sumOfRange(1, this.answers));
  }

  checkSum(expected: number): void {
    if (this.sum !== expected)
      throw new Error(`Cannot trust this arm: its ${this.answers} answers sum up to ${this.sum}, not ${expected}`);
  }
}

/** One piece of work: how many operations it did. */
export type Piece = () => Promise<number>;

export interface Measured {
  readonly operations: number;
  readonly seconds: number;
  readonly cpuMsPer1000: number;
}

/** Repeats `piece` for the plan's time. `onWarm` is called between the warm-up and the measured part. */
export async function measure(plan: Plan, piece: Piece, onWarm: () => void = () => {}): Promise<Measured> {
  await repeat(plan.warmUpMs, piece);
  onWarm();
  const cpu = process.cpuUsage();
  const { operations, seconds } = await repeat(plan.measureMs, piece);
  const { user, system } = process.cpuUsage(cpu);
  return { operations, seconds, cpuMsPer1000: (user + system) / operations };
}

async function repeat(ms: number, piece: Piece): Promise<{ operations: number; seconds: number }> {
  const start = performance.now();
  let operations = 0;
  do operations += await piece();
  while (performance.now() - start < ms);
  return { operations, seconds: (performance.now() - start) / 1000 };
}

export const perSecond = (measured: Measured, tally?: Tally): Figures => ({
  value: measured.operations / measured.seconds,
  cpuMsPer1000: measured.cpuMsPer1000,
  ...p99Of(tally),
});

export const microsecondsEach = (measured: Measured, tally?: Tally): Figures => ({
  value: (1e6 * measured.seconds) / measured.operations,
  cpuMsPer1000: measured.cpuMsPer1000,
  ...p99Of(tally),
});

function p99Of(tally: Tally | undefined): Pick<Figures, 'p99Us'> {
  return tally === undefined || tally.latenciesUs.length === 0 ? {} : { p99Us: quantile(tally.latenciesUs, 0.99) };
}
