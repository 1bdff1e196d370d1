/** What a call returns at once, and how what came of it reaches that: a ref, several, none, or a stream of items. */
import type { ClassDeclaration } from './class-declaration.ts';
import type { ResolvedMethodOptions } from './method-options.ts';
import { type Continuations, ObjectRef } from './object-ref.ts';
import { ItemStream, ObjectRefGenerator } from './object-ref-generator.ts';
import type { PendingCall } from './pending-call.ts';

/** What a call returns: a ref, several, or nothing, by `numReturns`; of a generator, its items. */
export type CallResult = ObjectRef | ObjectRef[] | ObjectRefGenerator | undefined;

/** How many items a generator may be ahead unless told otherwise. */
const DEFAULT_WINDOW = 10_000;

/** Undefined: the method is no generator. @throws TypeError for a generator that is to return something else. */
export function streamOf(
  declaration: ClassDeclaration,
  method: number,
  options: ResolvedMethodOptions,
): ItemStream | undefined {
  const { generators } = declaration;
  if (generators.length === 0) return undefined;
  const name = declaration.isFunction ? declaration.methods[0]! : declaration.methods[method]!;
  if (!generators.includes(name)) return undefined;
  if (options.numReturns !== undefined)
    throw new TypeError(
      `Cannot call generator "${name}" with numReturns ${options.numReturns}: its items come as a stream`,
    );
  return new ItemStream(options.generatorBackpressure ?? DEFAULT_WINDOW);
}

export function resultOf({ ref, refs, stream }: PendingCall): CallResult {
  if (stream !== undefined) return new ObjectRefGenerator(stream);
  if (ref !== undefined) return ref;
  return refs.length === 0 ? undefined : [...refs];
}

/** Hands what came of the call to what it returned. `continuations`: who runs what waits for it; undefined: at once. */
export function settleResult(
  call: PendingCall,
  isValue: boolean,
  value: unknown,
  continuations: Continuations | undefined,
): void {
  const { ref, refs, stream } = call;
  if (stream !== undefined) stream.end(isValue, value);
  if (ref !== undefined) {
    ObjectRef.settle(ref, isValue, value, continuations);
    return;
  }
  const isSplit = isValue && Array.isArray(value) && value.length === refs.length;
  const failure = isValue && !isSplit ? wrongCount(call, value) : value;
  for (let i = 0; i < refs.length; i++)
    ObjectRef.settle(refs[i]!, isSplit, isSplit ? (value as unknown[])[i] : failure, continuations);
}

function wrongCount(call: PendingCall, value: unknown): Error {
  const got = Array.isArray(value) ? `a list of ${value.length}` : `no list but ${typeof value}`;
  return new RangeError(`Cannot split the result of ${call.description} into ${call.refs.length}: it returned ${got}`);
}
