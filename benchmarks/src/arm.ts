/**
 * One arm of a benchmark: a program that does the work in a fresh process and prints what it measured as one
 * line of JSON. Arms of one workload run in turn, round after round, so that drift of the machine meets all.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export interface Arm {
  /** How the arm is called in the table. */
  readonly name: string;
  /** The program, relative to this folder. */
  readonly program: string;
  /** Whether it is Heddle's, the speed of light, or a peer. */
  readonly kind: 'heddle' | 'light' | 'peer';
}

export interface Figures {
  /** Operations per second. */
  readonly perSecond: number;
  /** Processor time of the whole process, in milliseconds per 1,000 operations. */
  readonly cpuMsPer1000: number;
}

export async function runArm(arm: Arm, size: number): Promise<Figures> {
  const program = fileURLToPath(new URL(arm.program, import.meta.url));
  const child = spawn(process.execPath, [program, String(size)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const output = await text(child.stdout);
  const [code] = await exited;
  if (code !== 0) throw new Error(`Cannot measure "${arm.name}": its process ended with code ${code}`);
  return JSON.parse(output.trim().split('\n').at(-1)!) as Figures;
}

/** In an arm: measures `work`, which does `size` operations, after a warm-up of a tenth of it, and prints the figures. */
export async function measure(size: number, work: (count: number) => Promise<void>): Promise<void> {
  await work(Math.ceil(size / 10));
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work(size);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const figures: Figures = { perSecond: size / seconds, cpuMsPer1000: (user + system) / size };
  console.log(JSON.stringify(figures));
}

/** The number of operations that the runner asks this arm for. */
export const sizeFromCommandLine = (): number => Number(process.argv[2] ?? 1000);
