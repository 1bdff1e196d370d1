import { checkInteger, checkKnown, checkString, quote, wrongType } from '@heddle/base';

// biome-ignore lint/suspicious/noExplicitAny: error classes of any constructor; none is called.
type ErrorClass = abstract new (...args: any[]) => Error;

/** Options of a method, for all its calls (`static methods = { m: method({ … }) }`) or for one (`handle.m.options({ … })`). */
export interface MethodOptions {
  /** Into how many refs the result is split: the method must return a list of that length. 0: nothing to wait for. Default 1. */
  readonly numReturns?: number | undefined;
  /** How often a call is run again after a death of the actor, or a thrown error that `retryExceptions` lists; -1: always. Default: the actor's. */
  readonly maxTaskRetries?: number | undefined;
  /** Thrown errors that are retried: `true` for all, or their classes, subclasses included. Needs `maxTaskRetries`. Default none. */
  readonly retryExceptions?: boolean | readonly ErrorClass[] | undefined;
  /** Of a generator: how many items may be yielded and not taken before it pauses; -1: any number. Default 10,000. (Ray: any number.) */
  readonly generatorBackpressure?: number | undefined;
  /** The group that a call counts for. Default: the actor's default group. */
  readonly concurrencyGroup?: string | undefined;
}

/** The same as plain data, so that it can cross a thread: error classes by their names. */
export interface ResolvedMethodOptions {
  readonly numReturns?: number;
  readonly maxTaskRetries?: number;
  readonly retryExceptions?: true | readonly string[];
  readonly concurrencyGroup?: string;
  readonly generatorBackpressure?: number;
}

const DECLARED = Symbol('heddle.method');

/** What `method` makes: options that a class declares for one of its methods. */
export interface MethodDeclaration<Given extends MethodOptions = MethodOptions> {
  readonly [DECLARED]: ResolvedMethodOptions;
  /** For types only: how many refs a call gives. */
  readonly __options?: Given;
}

/**
 * Options of a method, declared on the class: `static methods = { read: method({ concurrencyGroup: 'io' }) }`.
 * Ray: the `ray.method` decorator, which a class whose types are only erased cannot have.
 * @throws TypeError, RangeError for a wrong option, which is quoted.
 */
export function method<const Given extends MethodOptions>(options: Given): MethodDeclaration<Given> {
  return { [DECLARED]: resolveMethodOptions('declare a method', options) };
}

export function declaredOptions(className: string, name: string, declared: unknown): ResolvedMethodOptions {
  if (typeof declared === 'object' && declared !== null && DECLARED in declared)
    return (declared as MethodDeclaration)[DECLARED];
  throw new TypeError(
    `Cannot declare options of method "${name}" of class "${className}" with ${quote(declared)}: expected method({ … })`,
  );
}

export function resolveMethodOptions(action: string, given: MethodOptions): ResolvedMethodOptions {
  checkKnown(action, given, [
    'numReturns',
    'maxTaskRetries',
    'retryExceptions',
    'concurrencyGroup',
    'generatorBackpressure',
  ]);
  const { numReturns, maxTaskRetries, retryExceptions, concurrencyGroup, generatorBackpressure } = given;
  if (generatorBackpressure !== undefined) checkBackpressure(action, generatorBackpressure);
  if (numReturns !== undefined) checkInteger(action, 'numReturns', numReturns, { min: 0, max: 1_000 });
  if (maxTaskRetries !== undefined) checkInteger(action, 'maxTaskRetries', maxTaskRetries, { min: -1 });
  if (concurrencyGroup !== undefined) checkString(action, 'concurrencyGroup', concurrencyGroup);
  return {
    ...(numReturns !== undefined && { numReturns }),
    ...(maxTaskRetries !== undefined && { maxTaskRetries }),
    ...(retryExceptions !== undefined &&
      retryExceptions !== false && { retryExceptions: namesOf(action, retryExceptions) }),
    ...(generatorBackpressure !== undefined && { generatorBackpressure }),
    ...(concurrencyGroup !== undefined && { concurrencyGroup }),
  };
}

function checkBackpressure(action: string, limit: number): void {
  checkInteger(action, 'generatorBackpressure', limit, { min: -1 });
  if (limit === 0)
    throw new RangeError(`Cannot ${action} with generatorBackpressure 0: expected -1 or an integer of 1 or more`);
}

function namesOf(action: string, classes: true | readonly ErrorClass[]): true | readonly string[] {
  if (classes === true) return true;
  if (!Array.isArray(classes)) throw wrongType(action, 'retryExceptions', classes, 'true or a list of error classes');
  return classes.map((each) => {
    if (typeof each !== 'function' || each.name === '')
      throw wrongType(action, 'retryExceptions', each, 'an error class with a name');
    return each.name;
  });
}

/** Whether a thrown value is one that the options retry. */
export function isRetried(options: ResolvedMethodOptions, thrown: unknown): boolean {
  const { retryExceptions } = options;
  if (retryExceptions === undefined) return false;
  if (retryExceptions === true) return true;
  if (!(thrown instanceof Error)) return false;
  if (retryExceptions.includes(thrown.name)) return true;
  for (let proto = Object.getPrototypeOf(thrown); proto !== null; proto = Object.getPrototypeOf(proto)) {
    if (retryExceptions.includes(proto.constructor.name)) return true;
  }
  return false;
}
