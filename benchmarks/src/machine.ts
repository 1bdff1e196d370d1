/** The machine and the build a run was made on: figures without them say little. */
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Processes that wanted to run, on average over the minute before: more than a little spoils a run. */
  readonly loadBefore: number;
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${release()}`,
  node: process.version,
  loadBefore: Math.round(loadavg()[0]! * 10) / 10,
});

export const machineLine = (machine: Machine): string =>
  `${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, load before ${machine.loadBefore}`;
