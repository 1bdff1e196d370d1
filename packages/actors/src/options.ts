import type { ResourceLimits } from 'node:worker_threads';
import { checkBoolean, checkInteger, checkKnown, checkNumber, checkOneOf, checkString, wrongType } from '@heddle/base';
import { os } from './late-builtins.ts';
import { type Resources, resolveResources } from './resource-ledger.ts';
import { TRACINGS, type Tracing } from './task-trace.ts';
import { LATENCIES, type Latency } from './watch-window.ts';

/** Options of an actor. Ray: the options of `ray.remote` for actors, in camelCase. */
export interface ActorOptions {
  /** Makes the actor findable by `getActor`. Unique in its namespace. At most 256 characters. Default: none. */
  readonly name?: string | undefined;
  /** Default: the runtime's namespace. */
  readonly namespace?: string | undefined;
  /** `detached`: ends by `kill`, `exitActor` or exhausted restarts, never because its creator went. Default: `owned`. */
  readonly lifetime?: 'owned' | 'detached' | undefined;
  /** How often the actor is made anew after a death; -1: always. Default 0. */
  readonly maxRestarts?: number | undefined;
  /** How often a call is run again that had begun when the actor died; -1: always. Default 0. */
  readonly maxTaskRetries?: number | undefined;
  /** How fast it may be made anew: more restarts than this within the window end it ("gave up"), or only delay it when `maxRestarts` is -1. Default 3 in 30 s. */
  readonly restartIntensity?: RestartIntensity | undefined;
  /** Calls made while the actor restarts fail at once with `ActorUnavailableError` instead of waiting. Default false. (Ray: always so without retries.) */
  readonly failFast?: boolean | undefined;
  /** With a name: if a living actor has it, the handle is of that one and the other options are ignored. Default false. */
  readonly getIfExists?: boolean | undefined;
  /** How many calls run at once. Default: 1, or 1,000 for a class with an async method. */
  readonly maxConcurrency?: number | undefined;
  /** Groups of calls with limits of their own, by name: a full one delays no other. Default none. */
  readonly concurrencyGroups?: Readonly<Record<string, number>> | undefined;
  /** How many calls one caller (the driver, a task, an actor) may have pending on this actor; -1: any number. Default 10,000. */
  readonly maxPendingCalls?: number | undefined;
  /** Processors that it holds for life, and waits for before it is made. Accounting only. Default 0. Ray: `num_cpus`. */
  readonly numCpus?: number | undefined;
  /** The same of whatever else `init` declares, by name. Default none. */
  readonly resources?: Resources | undefined;
  /**
   * `thread`: the actor has a thread of its own. `process`: a process of its own, so that not even an abort of the
   * whole process reaches anything else; its values cannot hold shared memory, a call there and back takes about 1.7
   * times as long, and it takes some 80 MB. At most 64 actors have either (`isolated` of the runtime). Default
   * `shared`. Not on Windows: `process`. (Ray: each actor has a process.)
   */
  readonly isolation?: 'shared' | 'thread' | 'process' | undefined;
  /** Limits of the thread or the process of its own, in MB; not with `isolation: "shared"`. Node: `resourceLimits` of a worker. */
  readonly resourceLimits?: ResourceLimits | undefined;
  /** Its thread is ended when one turn takes longer than this, in milliseconds. Default: never; it is shown as busy. */
  readonly maxBlockedMs?: number | undefined;
  /**
   * How long its constructor may run, and its module load, in milliseconds; then the actor is DEAD, and a thread
   * that is stuck in it is ended with all its actors. Waiting for a thread that is busy does not count. -1: any
   * time. Default 60,000. (Ray: any time.)
   */
  readonly creationTimeoutMs?: number | undefined;
  /** Where the actor runs. `system` is for supervisors: the thread that never runs user code. Default `actor`. */
  readonly placement?: 'actor' | 'system' | undefined;
}

/** How many restarts within which time: an option of an actor. OTP: `intensity` and `period` of a supervisor. */
export interface RestartIntensity {
  /** 1 or more. */
  readonly maxRestarts: number;
  /** In milliseconds, 1 or more. */
  readonly withinMs: number;
}

export interface ResolvedActorOptions {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly lifetime: 'owned' | 'detached';
  readonly maxRestarts: number;
  readonly maxTaskRetries: number;
  /** Undefined: by the placement. */
  readonly restartIntensity: RestartIntensity | undefined;
  readonly failFast: boolean;
  readonly getIfExists: boolean;
  /** 0: by the class. */
  readonly maxConcurrency: number;
  readonly concurrencyGroups: Readonly<Record<string, number>>;
  readonly maxPendingCalls: number;
  readonly numCpus: number;
  readonly resources: Resources;
  readonly isolation: 'shared' | 'thread' | 'process';
  readonly resourceLimits: ResourceLimits | undefined;
  readonly maxBlockedMs: number | undefined;
  readonly creationTimeoutMs: number;
  readonly placement: 'actor' | 'system';
}

export const DEFAULT_ACTOR_OPTIONS: ResolvedActorOptions = {
  name: undefined,
  namespace: undefined,
  lifetime: 'owned',
  maxRestarts: 0,
  maxTaskRetries: 0,
  restartIntensity: undefined,
  failFast: false,
  getIfExists: false,
  maxConcurrency: 0,
  concurrencyGroups: {},
  maxPendingCalls: 10_000,
  numCpus: 0,
  resources: {},
  isolation: 'shared',
  resourceLimits: undefined,
  maxBlockedMs: undefined,
  creationTimeoutMs: 60_000,
  placement: 'actor',
};

const NAME_LENGTH_MAX = 256;

/** @throws TypeError for an unknown option or a wrong type, RangeError for a value out of range; both quote it. */
export function resolveActorOptions(given: ActorOptions): ResolvedActorOptions {
  const action = 'create an actor';
  checkKnown(action, given, Object.keys(DEFAULT_ACTOR_OPTIONS));
  const options = { ...DEFAULT_ACTOR_OPTIONS, ...withoutUndefined(given) };
  if (options.name !== undefined) checkName(action, 'name', options.name);
  if (options.namespace !== undefined) checkName(action, 'namespace', options.namespace);
  checkOneOf(action, 'lifetime', options.lifetime, ['owned', 'detached']);
  checkOneOf(action, 'placement', options.placement, ['actor', 'system']);
  checkInteger(action, 'maxRestarts', options.maxRestarts, { min: -1 });
  checkInteger(action, 'maxTaskRetries', options.maxTaskRetries, { min: -1 });
  checkInteger(action, 'maxPendingCalls', options.maxPendingCalls, { min: -1 });
  checkInteger(action, 'creationTimeoutMs', options.creationTimeoutMs, { min: -1 });
  for (const name of ['maxPendingCalls', 'creationTimeoutMs'] as const)
    if (options[name] === 0)
      throw new RangeError(`Cannot create an actor with ${name} 0: expected -1 or an integer of 1 or more`);
  resolveResources(action, options.numCpus, options.resources);
  checkOneOf(action, 'isolation', options.isolation, ['shared', 'thread', 'process']);
  if (options.isolation === 'process' && process.platform === 'win32')
    throw new RangeError('Cannot create an actor with isolation "process": not on Windows; "thread" is there');
  if (options.maxBlockedMs !== undefined) checkInteger(action, 'maxBlockedMs', options.maxBlockedMs, { min: 1 });
  if (options.resourceLimits !== undefined) checkResourceLimits(options.resourceLimits, options.isolation);
  checkBoolean(action, 'failFast', options.failFast);
  checkBoolean(action, 'getIfExists', options.getIfExists);
  if (options.getIfExists && options.name === undefined)
    throw new TypeError('Cannot create an actor with getIfExists true: it needs a name');
  if (options.restartIntensity !== undefined) checkIntensity(options.restartIntensity);
  checkGroups(options.concurrencyGroups);
  if (given.maxConcurrency !== undefined) checkInteger(action, 'maxConcurrency', given.maxConcurrency, { min: 1 });
  return options;
}

const RESOURCE_LIMITS = ['maxOldGenerationSizeMb', 'maxYoungGenerationSizeMb', 'codeRangeSizeMb', 'stackSizeMb'];

function checkResourceLimits(limits: ResourceLimits, isolation: string): void {
  const action = 'create an actor';
  if (isolation === 'shared')
    throw new TypeError('Cannot create an actor with resourceLimits: they need isolation "thread" or "process"');
  checkPlain(action, 'resourceLimits', limits);
  checkKnown(action, limits, RESOURCE_LIMITS);
  if (isolation === 'process' && limits.codeRangeSizeMb !== undefined)
    throw new RangeError('Cannot create an actor with resourceLimits.codeRangeSizeMb: a process has no such limit');
  for (const [name, limit] of Object.entries(limits)) checkNumber(action, `resourceLimits.${name}`, limit, { min: 1 });
}

function checkGroups(groups: unknown): void {
  const action = 'create an actor';
  checkPlain(action, 'concurrencyGroups', groups);
  for (const [name, limit] of Object.entries(groups))
    checkInteger(action, `concurrencyGroups.${name}`, limit, { min: 1 });
}

function checkPlain(action: string, option: string, given: unknown): asserts given is object {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrongType(action, option, given, 'an object');
}

function checkIntensity(intensity: RestartIntensity): void {
  const action = 'create an actor';
  checkPlain(action, 'restartIntensity', intensity);
  checkKnown(action, intensity, ['maxRestarts', 'withinMs']);
  checkInteger(action, 'restartIntensity.maxRestarts', intensity.maxRestarts, { min: 1 });
  checkInteger(action, 'restartIntensity.withinMs', intensity.withinMs, { min: 1 });
}

/** Options of `init`. */
export interface RuntimeOptions {
  /** How many threads run actors, each started when first needed. Default: the number of processors. */
  readonly workers?: number | undefined;
  /** Processors to hand out to tasks and to actors that ask for some. Accounting only. Default: the number there are. */
  readonly numCpus?: number | undefined;
  /** What else there is to hand out, by name: `{ gpu: 1 }`. Default none. */
  readonly resources?: Resources | undefined;
  /** The namespace of names given without one. Default `default`. (Ray: a random one for each driver.) */
  readonly namespace?: string | undefined;
  /** How many actors may have a thread or a process of their own, together. Default 64: each makes every round trip dearer. */
  readonly isolated?: number | undefined;
  /**
   * After how long without tasks a thread that runs tasks is ended, in milliseconds. One that has made actors which
   * live, or objects to which others have refs, stays for as long. Default 10,000. Ray: idle workers end after 1 s.
   */
  readonly idleTaskThreadMs?: number | undefined;
  /** Write what actors print to this program's output, each line with who printed it. Default true. */
  readonly logToDriver?: boolean | undefined;
  /**
   * How many bytes of values that were put may be kept, in all threads together; as many again by each actor with a
   * process of its own. Beside them each thread keeps the memory of released values that nobody has seen, for a second or
   * two, to put the next ones into: 1 GiB at most, and a quarter of this.
   * Default: 30 % of the machine's memory, as Ray's `object_store_memory`.
   */
  readonly objectStoreBytes?: number | undefined;
  /**
   * Where detached actors are remembered, so that the next runtime on the directory makes them anew; made if it is
   * not there, and used by one runtime at a time. Default: nowhere. (Ray: GCS fault tolerance with Redis.)
   */
  readonly directory?: string | undefined;
  /**
   * How threads wait for messages. Waking a sleeping thread takes 20 to 45 µs; one that watches shared memory sees
   * a message in less than one, and uses a processor meanwhile.
   * `balanced`: a thread that has just worked watches for up to 50 µs before it sleeps, less where that is in vain.
   * `low`: for up to 500 µs. `idle`: never. On one processor no thread watches. Default `balanced`.
   */
  readonly latency?: Latency | undefined;
  /**
   * What the state API remembers (`listTasks`, `trace`, `timeline`): `tasks`, `calls` (tasks and the calls of actors;
   * errors then show the caller's stack under the callee's), or `off`. The latest 4,096 of each thread are kept.
   * `tasks` costs a task less than half a microsecond of processor time, `calls` a task or a call about four. Default
   * `tasks`. (Ray: tasks and calls, in the GCS.)
   */
  readonly tracing?: Tracing | undefined;
  /**
   * A module that registers an OpenTelemetry SDK (`@opentelemetry/api` must be installed): it is loaded in every thread,
   * and each call and task is a span, its run a child of it, across threads. Default none.
   */
  readonly telemetry?: string | URL | undefined;
  /** Whether the program may go on to its end while the runtime is open and nothing is pending. Default true. */
  readonly background?: boolean | undefined;
}

export interface ResolvedRuntimeOptions {
  readonly numCpus: number;
  readonly resources: Resources;
  readonly directory: string | undefined;
  readonly workers: number;
  readonly isolated: number;
  readonly idleTaskThreadMs: number;
  readonly namespace: string;
  readonly logToDriver: boolean;
  readonly background: boolean;
  readonly objectStoreBytes: number;
  readonly latency: Latency;
  readonly tracing: Tracing;
  readonly telemetry: string | undefined;
}

/** The part of the machine's memory that the object store may take. */
const STORE_PART = 0.3;
const WORKERS_MAX = 1024;
/** Longer than that no timer of the platform takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Every listening port makes each round trip dearer. */
const ISOLATED = 64;
const IDLE_TASK_THREAD_MS = 10_000;

const RUNTIME_OPTIONS: readonly (keyof RuntimeOptions)[] = [
  'workers',
  'isolated',
  'idleTaskThreadMs',
  'namespace',
  'logToDriver',
  'background',
  'objectStoreBytes',
  'directory',
  'numCpus',
  'resources',
  'latency',
  'tracing',
  'telemetry',
];

export function resolveRuntimeOptions(given: RuntimeOptions): ResolvedRuntimeOptions {
  const action = 'start a runtime';
  checkKnown(action, given, RUNTIME_OPTIONS);
  const options = withRuntimeDefaults(given);
  checkInteger(action, 'workers', options.workers, { min: 0, max: WORKERS_MAX });
  resolveResources(action, options.numCpus, options.resources);
  checkInteger(action, 'isolated', options.isolated, { min: 0, max: WORKERS_MAX });
  checkInteger(action, 'idleTaskThreadMs', options.idleTaskThreadMs, { min: 0, max: LONGEST_TIMER_MS });
  checkName(action, 'namespace', options.namespace);
  checkBoolean(action, 'logToDriver', options.logToDriver);
  checkInteger(action, 'objectStoreBytes', options.objectStoreBytes, { min: 0 });
  checkBoolean(action, 'background', options.background);
  if (options.directory !== undefined) checkDirectory(action, options.directory);
  checkOneOf(action, 'tracing', options.tracing, TRACINGS);
  checkOneOf(action, 'latency', options.latency, LATENCIES);
  return { ...options, telemetry: options.telemetry === undefined ? undefined : toModule(action, options.telemetry) };
}

const withRuntimeDefaults = (given: RuntimeOptions) => ({
  workers: os().availableParallelism(),
  isolated: ISOLATED,
  idleTaskThreadMs: IDLE_TASK_THREAD_MS,
  numCpus: os().availableParallelism(),
  resources: {},
  namespace: 'default',
  logToDriver: true,
  background: true,
  directory: undefined,
  telemetry: undefined,
  objectStoreBytes: Math.floor(os().totalmem() * STORE_PART),
  latency: 'balanced' as const,
  tracing: 'tasks' as const,
  ...withoutUndefined(given),
});

function toModule(action: string, module: unknown): string {
  const url =
    module instanceof URL ? module : typeof module === 'string' && URL.canParse(module) ? new URL(module) : undefined;
  if (url === undefined) throw wrongType(action, 'telemetry', module, 'the URL of a module');
  return url.href;
}

function checkDirectory(action: string, directory: unknown): void {
  checkString(action, 'directory', directory);
  if (directory === '') throw new RangeError(`Cannot ${action} with directory "": expected a path`);
}

export function checkName(action: string, option: string, name: unknown): asserts name is string {
  checkString(action, option, name);
  if (name.length === 0 || name.length > NAME_LENGTH_MAX)
    throw new RangeError(
      `Cannot ${action} with ${option} ${JSON.stringify(name.slice(0, 40))}: expected 1 to ${NAME_LENGTH_MAX} characters`,
    );
}

function withoutUndefined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
