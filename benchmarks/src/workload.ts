/**
 * What is measured, as data: a workload is one question, its arms are the programs that answer it.
 *
 * Arms of a workload run in turn, round after round, each in a fresh process, so that drift of the machine
 * meets all alike. The figure of an arm is the median of its rounds.
 */

/** Where an arm stands: Heddle's own, the same work with nothing around it, another library, or other work for scale. */
export type Side = 'heddle' | 'light' | 'peer' | 'other';

/** Under what an arm runs: alone, held to one processor, or beside two busy processes. */
export type Surroundings = 'alone' | 'one core' | 'busy';

/** What the runner hands an arm: as JSON on its command line. */
export interface Plan {
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly isQuick: boolean;
}

export interface Arm {
  readonly name: string;
  readonly side: Side;
  /** The program in `arm/` that does the work. */
  readonly program: string;
  /** What the program is told beside the plan. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  readonly surroundings?: Surroundings;
  /** Flags for Node itself. */
  readonly nodeFlags?: readonly string[];
}

/** One point of a series: how the figure grows with `x`. */
export type Point = readonly [x: number, value: number];

/** What one run of an arm found. */
export interface Figures {
  /** In the workload's unit. */
  readonly value: number;
  /** Processor time of the whole process, in milliseconds per 1,000 operations. */
  readonly cpuMsPer1000?: number;
  /** The 99th percentile of the time from a call to its answer, in microseconds. */
  readonly p99Us?: number;
  readonly points?: readonly Point[];
  /** Further findings, by a name that says the unit. */
  readonly notes?: Readonly<Record<string, number>>;
  /** Why there is no figure: this build, or this machine, cannot do it. */
  readonly unavailable?: string;
}

export interface Workload {
  readonly name: string;
  readonly group: string;
  /** One line: what one operation is. */
  readonly title: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** What the figure should reach, in words. */
  readonly target?: string;
  readonly arms: readonly Arm[];
  /** What `x` of the points is; only for series. */
  readonly x?: string;
  /** Longer or shorter than usual, as a factor of the time that an arm measures. */
  readonly timeFactor?: number;
  /** Of work that makes few calls in a time: until all code is compiled, these cost several times as much. */
  readonly warmUpFactor?: number;
  /** Whether an arm measures several rounds by itself, since its set-up is long: then it is run once. */
  readonly roundsInside?: boolean;
}
