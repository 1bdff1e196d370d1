/** The functions of the default runtime: the one that `init` started in this thread, or that hosts this worker. */
import { isMainThread, workerData } from 'node:worker_threads';
import { type Clock, checkBoolean, checkInteger, checkKnown, quote, realClock } from '@heddle/base';
import type { ActorHandle } from './actor-handle.ts';
import { type ActorDeath, currentCore, hasCurrentCore, type NamedActor, setCurrentCore } from './current-core.ts';
import { GetTimeoutError } from './errors.ts';
import { presentJobId } from './job-id.ts';
import { ObjectRef } from './object-ref.ts';
import type { ObjectRefGenerator } from './object-ref-generator.ts';
import type { RuntimeOptions } from './options.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { setThreadContext } from './runtime-context.ts';

let runtime: Runtime | undefined;
/** The `init` that is on its way. */
let starting: Promise<Runtime> | undefined;

/** Options of `init`. */
export interface InitOptions extends RuntimeOptions {
  /** Where a runtime is open already, give that one and ignore the other options. Default false. Ray: `ignore_reinit_error`. */
  readonly ignoreReinitError?: boolean | undefined;
}

/**
 * Starts the runtime that `remote` classes, `get`, `kill` and `getActor` of this thread use. Ray: `ray.init`.
 * @throws TypeError when one is open already, or inside a worker; RuntimeDirectoryInUseError.
 */
export async function init(given: InitOptions = {}): Promise<Runtime> {
  const { ignoreReinitError = false, ...options } = checkObject(given);
  checkBoolean('start a runtime', 'ignoreReinitError', ignoreReinitError);
  if (isInWorker())
    throw new TypeError(
      'Cannot init inside a worker: its module was loaded by a runtime that is open already; call init only in the program itself',
    );
  if (starting !== undefined || hasCurrentCore()) {
    if (ignoreReinitError) return (starting ?? runtime)!;
    throw new TypeError(
      'Cannot init: a runtime is open already; shut it down first, or give ignoreReinitError true to go on with it',
    );
  }
  starting = start(options);
  try {
    return await starting;
  } finally {
    starting = undefined;
  }
}

/** In a thread of a runtime, or in the process of one of its actors, which has a core that no `init` here has set. */
function isInWorker(): boolean {
  if (!isMainThread && (workerData as { runtimeId?: string } | null)?.runtimeId !== undefined) return true;
  return hasCurrentCore() && runtime === undefined && starting === undefined;
}

function checkObject(given: InitOptions): InitOptions {
  checkKnown('start a runtime', given, Object.keys(given ?? {})); // Each option is checked where it is resolved.
  return given;
}

async function start(options: RuntimeOptions): Promise<Runtime> {
  const started = await startRuntime(options);
  runtime = started;
  setCurrentCore(started.core);
  setThreadContext({
    runtimeId: started.runtimeId,
    namespace: started.namespace,
    workerId: started.listWorkers()[0]!.workerId,
    jobId: presentJobId(),
  });
  started.onClosed(() => {
    if (runtime !== started) return;
    runtime = undefined;
    setCurrentCore(undefined);
    setThreadContext(undefined);
  });
  return started;
}

/** Ends the runtime that `init` started; nothing happens when there is none. Ray: `ray.shutdown`. */
export async function shutdown(): Promise<void> {
  await runtime?.shutdown();
}

/** Options of `get`. */
export interface GetOptions {
  /** How long to wait, in milliseconds; 0: what is not there now fails. Default: for ever. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Stores a copy of `value` and returns a ref to it, which any actor or task may be given; each reading gives a fresh
 * copy. Binary data (typed arrays, `Buffer`, `ArrayBuffer`) are copied once, into shared memory, and never again:
 * everybody reads the same bytes, which nobody may change. Shared memory is not copied at all. Ray: `ray.put`.
 * @throws SerializationError for what cannot be sent, ObjectStoreFullError beyond `objectStoreBytes`, TypeError for a ref.
 */
export function put<T>(value: T): ObjectRef<T> {
  return currentCore('put a value').put(value) as ObjectRef<T>;
}

type Values<Refs extends readonly ObjectRef[]> = {
  -readonly [I in keyof Refs]: Refs[I] extends ObjectRef<infer T> ? T : never;
};

/**
 * The value of a ref, or the values of several in their order. Ray: `ray.get`.
 * @throws the first failure, as soon as there is one; GetTimeoutError at the deadline.
 */
export function get<T>(ref: ObjectRef<T>, options?: GetOptions): Promise<T>;
export function get<const Refs extends readonly ObjectRef[]>(refs: Refs, options?: GetOptions): Promise<Values<Refs>>;
export async function get(given: unknown, options: GetOptions = {}): Promise<unknown> {
  checkKnown('get values', options, ['timeoutMs']);
  if (options.timeoutMs !== undefined) checkInteger('get values', 'timeoutMs', options.timeoutMs, { min: 0 });
  const isList = Array.isArray(given);
  const refs: unknown[] = isList ? given : [given];
  for (const ref of refs) {
    if (!(ref instanceof ObjectRef))
      throw new TypeError(
        `Cannot get ${quote(ref)}: expected an ObjectRef${isList ? ' in every place of the list' : ' or a list of them'}`,
      );
  }
  const values = await getAll(refs as ObjectRef[], options.timeoutMs, realClock);
  return isList ? values : values[0];
}

async function getAll(refs: readonly ObjectRef[], timeoutMs: number | undefined, clock: Clock): Promise<unknown[]> {
  const failed = refs.find((ref) => ref.failure !== undefined);
  if (failed !== undefined) throw failed.failure!.error;
  const all = Promise.all(refs.map((ref) => ref.toPromise())); // Waiting at once: they may be released in this turn.
  if (timeoutMs === undefined || refs.every((ref) => ref.isSettled)) return all;
  const deadline = Promise.withResolvers<never>();
  using _timer = clock.after(timeoutMs, () => {
    const missing = refs.filter((ref) => !ref.isSettled).length;
    deadline.reject(new GetTimeoutError(timeoutMs, missing));
  });
  all.catch(() => {}); // The deadline may come first.
  return await Promise.race([all, deadline.promise]);
}

/** The living actor of that name in the runtime's namespace or the one given. @throws ActorNotFoundError. Ray: `ray.get_actor`. */
export async function getActor<C = object>(name: string, namespace?: string): Promise<ActorHandle<C>> {
  return (await currentCore('get an actor').getActor(name, namespace)) as never;
}

/** Names of living actors: of this namespace, or of all as `{ name, namespace }`. Ray: `ray.util.list_named_actors`. */
export async function listNamedActors(options?: { readonly allNamespaces?: false }): Promise<string[]>;
export async function listNamedActors(options: { readonly allNamespaces: true }): Promise<NamedActor[]>;
export async function listNamedActors(
  options: { readonly allNamespaces?: boolean } = {},
): Promise<string[] | NamedActor[]> {
  checkKnown('list named actors', options, ['allNamespaces']);
  const all = options.allNamespaces ?? false;
  const named = await currentCore('list named actors').listNamedActors(all);
  return all ? named : named.map((each) => each.name);
}

/**
 * Ends an actor now: no hook runs, what runs is not waited for, and it is not made anew unless `noRestart` is
 * false and a restart is left. Killing twice is fine. Ray: `ray.kill`.
 */
export async function kill(handle: object, options: { readonly noRestart?: boolean } = {}): Promise<void> {
  checkKnown('kill an actor', options, ['noRestart']);
  await currentCore('kill an actor').kill(handle, options.noRestart ?? true);
}

/** Options of `cancel`. */
export interface CancelOptions {
  /** End the worker that runs it: for tasks only. Default false. */
  readonly force?: boolean;
  /** Cancel the calls it made as well. Default true. */
  readonly recursive?: boolean;
}

/**
 * Cancels the call that is to settle `ref`: a queued one never starts, a running one sees its signal
 * (`getRuntimeContext().signal`), and its ref fails with `TaskCancelledError` when it ends, whatever it returns.
 * What has finished stays as it is. Ray: `ray.cancel`; there a queued call of a busy actor runs all the same.
 * @throws RangeError for `force` with an actor call.
 */
export async function cancel(ref: ObjectRef | ObjectRefGenerator, options: CancelOptions = {}): Promise<void> {
  checkKnown('cancel a call', options, ['force', 'recursive']);
  await currentCore('cancel a call').cancel(ref, options.force ?? false, options.recursive ?? true);
}

/** Options of `wait`. */
export interface WaitOptions {
  /** How many refs to wait for. Default 1. */
  readonly numReturns?: number | undefined;
  /** How long to wait, in milliseconds; then fewer may be ready. Default: for ever. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Waits until `numReturns` of the refs are settled, either way: `[ready, rest]`, both in the order given, at most
 * `numReturns` ready. Of more that are ready, the first in the list. Ray: `ray.wait`, which picks any.
 * @throws TypeError for what is no list of refs, RangeError for a ref that stands twice or a count out of range.
 */
export async function wait<Ref extends ObjectRef>(
  refs: readonly Ref[],
  options: WaitOptions = {},
): Promise<[Ref[], Ref[]]> {
  const { numReturns = 1, timeoutMs } = checkWait(refs, options);
  if (!hasSettled(refs, numReturns)) await untilSettled(refs, numReturns, timeoutMs);
  const ready = new Set<Ref>();
  for (const ref of refs) if (ref.isSettled && ready.size < numReturns) ready.add(ref);
  return [[...ready], refs.filter((ref) => !ready.has(ref))];
}

function hasSettled(refs: readonly ObjectRef[], count: number): boolean {
  let left = Math.min(count, refs.length);
  for (let i = 0; i < refs.length && left > 0; i++) if (refs[i]!.isSettled) left--;
  return left === 0;
}

/** Only where something is missing: whoever takes refs one by one must not add a reaction to each of them each time. */
async function untilSettled(refs: readonly ObjectRef[], count: number, timeoutMs: number | undefined): Promise<void> {
  const enough = Promise.withResolvers<void>();
  let settled = 0;
  const onSettled = () => {
    if (++settled >= count) enough.resolve();
  };
  for (const ref of refs) ref.then(onSettled, onSettled); // This also asks for values that other threads have.
  if (timeoutMs === 0) return;
  using _deadline = timeoutMs === undefined ? undefined : realClock.after(timeoutMs, enough.resolve);
  await enough.promise;
}

function checkWait(refs: unknown, options: WaitOptions): WaitOptions {
  const action = 'wait for refs';
  checkKnown(action, options, ['numReturns', 'timeoutMs']);
  if (!Array.isArray(refs) || !refs.every((ref) => ref instanceof ObjectRef))
    throw new TypeError('Cannot wait: expected a list of ObjectRefs');
  if (new Set(refs).size < refs.length) throw new RangeError('Cannot wait: a ref stands twice in the list');
  if (options.numReturns !== undefined && refs.length > 0)
    checkInteger(action, 'numReturns', options.numReturns, { min: 1, max: refs.length });
  if (options.timeoutMs !== undefined) checkInteger(action, 'timeoutMs', options.timeoutMs, { min: 0 });
  return options;
}

/**
 * Resolves once, when the actor is dead, with why; at once if it is dead already. A restart is no death.
 * Watching does not keep the actor or the program alive.
 */
export async function watch(handle: object): Promise<ActorDeath> {
  return currentCore('watch an actor').watch(handle);
}
