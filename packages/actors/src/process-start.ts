/**
 * What a process of an actor is told at its start, and by which descriptors it is joined to the driver.
 */
import type { ResourceLimits } from 'node:worker_threads';
import type { WorkerStart } from './worker-start.ts';

export interface ProcessStart extends WorkerStart {
  readonly workerId: string;
  /** The process's own number, and the driver's thread's. */
  readonly peer: number;
  readonly driver: number;
  /** When the driver's monotonic time began. */
  readonly originMs: number;
  /** How much the process itself may keep in its object store. */
  readonly objectStoreBytes: number;
}

/** Descriptors beside the three that every process has. */
export const Fd = {
  /** A socket: the link to the driver. */
  Link: 3,
  /** A file: the words of that link. */
  Words: 4,
  /** A socket on which nothing is said: it closes when the driver is gone, however it went. */
  Lifeline: 5,
} as const;

/** Options of the driver's Node that mean its program and not Node itself; with a value of their own behind them. */
const PROGRAM_WITH_VALUE = new Set(['-e', '--eval', '-p', '--print', '-pe']);
const PROGRAM = /^--(?:test|watch|check|interactive|run|inspect-port|debug-port)\b|^-[ic]$/;
const DEBUGGER = /^--inspect(?:-brk|-wait)?(?:=|$)/;

/**
 * Options of Node for the process: those of the driver, since modules must be found and read in the same way, and
 * the limits. A debugger listens at a port of its own.
 */
export function nodeOptions(driver: readonly string[], limits: ResourceLimits | undefined): string[] {
  const options: string[] = [];
  for (let i = 0; i < driver.length; i++) {
    const option = driver[i]!;
    if (PROGRAM_WITH_VALUE.has(option)) i++;
    else if (DEBUGGER.test(option)) options.push(`${option.split('=')[0]}=0`);
    else if (!PROGRAM.test(option)) options.push(option);
    else if (hasValueBehind(driver, i)) i++;
  }
  return [...options, ...limitOptions(limits)];
}

/** `--test-name-pattern A5`: what stands among the options and is none is the value of the one before it. */
const hasValueBehind = (driver: readonly string[], at: number): boolean =>
  !driver[at]!.includes('=') && driver[at + 1]?.startsWith('-') === false;

/** Node keeps this much of a thread's stack for itself. */
const STACK_RESERVE_KB = 192;
/** The young generation is three semi-spaces. */
const SEMI_SPACES = 3;

function limitOptions(limits: ResourceLimits = {}): string[] {
  const { maxOldGenerationSizeMb, maxYoungGenerationSizeMb, stackSizeMb } = limits;
  const options: string[] = [];
  if (maxOldGenerationSizeMb !== undefined) options.push(`--max-old-space-size=${Math.ceil(maxOldGenerationSizeMb)}`);
  if (maxYoungGenerationSizeMb !== undefined)
    options.push(`--max-semi-space-size=${Math.max(1, Math.floor(maxYoungGenerationSizeMb / SEMI_SPACES))}`);
  if (stackSizeMb !== undefined) options.push(`--stack-size=${Math.floor(stackSizeMb * 1024) - STACK_RESERVE_KB}`);
  return options;
}
