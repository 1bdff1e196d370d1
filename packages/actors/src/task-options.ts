import { checkInteger, checkKnown } from '@heddle/base';
import { type MethodOptions, type ResolvedMethodOptions, resolveMethodOptions } from './method-options.ts';
import { type Resources, resolveResources } from './resource-ledger.ts';

/** Options of a task, for all calls of a function (`square.options({ … })`) or for one. Ray: the options of `ray.remote` for functions. */
export interface TaskOptions extends Pick<MethodOptions, 'numReturns' | 'retryExceptions' | 'generatorBackpressure'> {
  /** How many processors it holds while it runs; it waits for them. A task that awaits refs gives them up meanwhile. Default 1. */
  readonly numCpus?: number | undefined;
  /** What else it holds, by name, as `init` declared it. Default nothing. */
  readonly resources?: Readonly<Record<string, number>> | undefined;
  /** How often it is run again after a crash of its worker, or a thrown error that `retryExceptions` lists; -1: always. Default 3. */
  readonly maxRetries?: number | undefined;
}

export interface ResolvedTaskOptions {
  readonly shape: Resources;
  readonly maxRetries: number;
  readonly method: ResolvedMethodOptions;
}

const DEFAULT_MAX_RETRIES = 3;
const KNOWN = ['numCpus', 'resources', 'maxRetries', 'numReturns', 'retryExceptions', 'generatorBackpressure'];

/** @throws TypeError for an unknown option or a wrong type, RangeError for a value out of range; both quote it. */
export function resolveTaskOptions(name: string, given: TaskOptions): ResolvedTaskOptions {
  const action = `call function "${name}"`;
  checkKnown(action, given, KNOWN);
  const { numCpus = 1, resources = {}, maxRetries = DEFAULT_MAX_RETRIES, ...method } = given;
  checkInteger(action, 'maxRetries', maxRetries, { min: -1 });
  return {
    shape: resolveResources(action, numCpus, resources),
    maxRetries,
    method: resolveMethodOptions(action, method),
  };
}

/** One name for all tasks that need the same: they wait in one line. */
export function shapeKey(shape: Resources): string {
  return JSON.stringify(Object.entries(shape).sort(([a], [b]) => (a < b ? -1 : 1)));
}
