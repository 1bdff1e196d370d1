/**
 * A runtime under test, and the proof that nothing of it is left.
 *
 * Disposing shuts the runtime down and fails the test unless all counts of `stats()` are zero, no worker thread and
 * no child process lives, no port or timer is open, no folder of sockets and no listener on `process` is left. Ports and threads close in a turn of
 * the loop after they were told to, so the proof looks again, turn by turn.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { init, type Runtime, type RuntimeOptions, type RuntimeParts, startRuntime } from '@heddle/actors';
import { realClock } from '@heddle/base';

/** Each thread strips the types off the sources for itself; a cache of the outcome makes its start twice as fast. */
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/heddle-tests', import.meta.url));

/** Patience alone: an ending takes some turns of the loop, in which threads and the kernel have their say. */
const ENDING_MAX_MS = 30_000;

/** For all runtimes that are started from here on and are given none of their own: see `tests/latency`. */
let latency: RuntimeOptions['latency'];

export function setLatency(of: RuntimeOptions['latency']): void {
  latency = of;
}

export class RuntimeHarness implements AsyncDisposable {
  readonly runtime: Runtime;
  readonly #before: ProcessState;
  readonly #others: Runtime[] = [];

  private constructor(runtime: Runtime, before: ProcessState) {
    this.runtime = runtime;
    this.#before = before;
  }

  /** Starts the default runtime of this process, the one that `Class.remote()` uses. */
  static async start(options: RuntimeOptions = {}): Promise<RuntimeHarness> {
    const before = takeProcessState();
    return new RuntimeHarness(await init({ workers: 2, latency, ...options }), before);
  }

  /** Starts a runtime that is nobody's default. */
  static async startSeparate(options: RuntimeOptions = {}, parts: RuntimeParts = {}): Promise<RuntimeHarness> {
    const before = takeProcessState();
    return new RuntimeHarness(await startRuntime({ workers: 2, latency, ...options }, parts), before);
  }

  /** One more runtime beside the first; it ends with the harness. */
  async startAnother(options: RuntimeOptions = {}): Promise<Runtime> {
    const runtime = await startRuntime({ workers: 1, latency, ...options });
    this.#others.push(runtime);
    return runtime;
  }

  /** The worker threads that live now, in the order in which they were started. */
  get workerIds(): string[] {
    return this.runtime
      .listWorkers()
      .filter(({ role }) => role !== 'driver')
      .map(({ workerId }) => workerId);
  }

  /** Ends the only worker thread as a crash would. */
  async terminateOnly(): Promise<void> {
    const [workerId, ...others] = this.workerIds;
    assert.ok(workerId !== undefined && others.length === 0, 'there is exactly one worker thread');
    await this.runtime.terminateWorker(workerId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const runtime of [...this.#others.reverse(), this.runtime]) {
      await runtime.shutdown();
      const counts = Object.entries(runtime.stats()).filter(([, count]) => typeof count === 'number');
      assert.deepEqual(
        counts,
        counts.map(([name]) => [name, 0]),
        'every count returns to zero',
      );
      assert.deepEqual(
        runtime.listWorkers().map(({ role }) => role),
        ['driver'],
      );
    }
    await provesNothingLeft(this.#before);
  }
}

/** What of this process a runtime could leave behind, by kind: how many there are. */
type ProcessState = Readonly<Record<string, number>>;

interface Report {
  readonly workers: readonly unknown[];
  readonly libuv: readonly { readonly type: string }[];
}

function takeProcessState(): ProcessState {
  Object.assign(process.report, { excludeNetwork: true }); // It would look up names.
  const report = process.report.getReport() as unknown as Report;
  const counts: Record<string, number> = {
    'worker thread': report.workers.length,
    // Each open port is an async handle of the loop, also one that does not keep the process alive.
    'async handle': report.libuv.filter(({ type }) => type === 'async').length,
    'child process': childPids().length,
    'folder of sockets': readdirSync(tmpdir()).filter((name) => name.startsWith(`heddle-${process.pid}-`)).length,
  };
  for (const resource of process.getActiveResourcesInfo()) counts[resource] = (counts[resource] ?? 0) + 1;
  for (const event of process.eventNames()) counts[`listener of ${String(event)}`] = process.listenerCount(event);
  delete counts.Immediate; // The turns that the proof itself waits for.
  return counts;
}

/** The processes whose parent this one is, where the system tells. */
export function childPids(): number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => parentOf(pid) === process.pid).map(Number);
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

/** What is there now and was not before. */
function leftSince(before: ProcessState): ProcessState {
  const now = Object.entries(takeProcessState());
  return Object.fromEntries(now.filter(([kind, count]) => count > (before[kind] ?? 0)));
}

async function provesNothingLeft(before: ProcessState): Promise<void> {
  const deadlineMs = realClock.monotonicMs() + ENDING_MAX_MS;
  while (Object.keys(leftSince(before)).length > 0 && realClock.monotonicMs() < deadlineMs) await nextTurn();
  assert.deepEqual(leftSince(before), {}, 'nothing is left in the process that was not there before the runtime');
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Patience alone: a thread or a process may take many seconds to start where four of them share one busy core. */
const PENDING_MAX_MS = 60_000;

type Refs = readonly PromiseLike<unknown>[];

type Outcomes<Of extends Refs> = { -readonly [I in keyof Of]: PromiseSettledResult<Awaited<Of[I]>> };

type Values<Of extends Refs> = { -readonly [I in keyof Of]: Awaited<Of[I]> };

/** The outcomes of all, in order. @throws when one is still pending after a minute, and says which. */
export async function settled<const Of extends Refs>(refs: Of): Promise<Outcomes<Of>> {
  const outcomes = new Array<PromiseSettledResult<unknown> | undefined>(refs.length).fill(undefined);
  const all = Promise.withResolvers<void>();
  let missing = refs.length;
  const take = (index: number, outcome: PromiseSettledResult<unknown>): void => {
    outcomes[index] = outcome;
    if (--missing === 0) all.resolve();
  };
  for (const [index, ref] of refs.entries()) {
    ref.then(
      (value) => take(index, { status: 'fulfilled', value }),
      (reason) => take(index, { status: 'rejected', reason }),
    );
  }
  using _deadline = realClock.after(PENDING_MAX_MS, () => {
    const first = [...outcomes.keys()].filter((index) => outcomes[index] === undefined).slice(0, 10);
    all.reject(new Error(`${missing} of ${refs.length} refs are pending: ${first.join(', ')}`));
  });
  if (missing > 0) await all.promise;
  return outcomes as Outcomes<Of>;
}

/** The values of all, in order. @throws the first failure. */
export async function valuesOf<const Of extends Refs>(refs: Of): Promise<Values<Of>> {
  const outcomes: readonly PromiseSettledResult<unknown>[] = await settled(refs);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }) as Values<Of>;
}

/** The failure of a ref. @throws when it has a value. */
export async function failureOf(ref: PromiseLike<unknown>): Promise<Error> {
  const [outcome] = await settled([ref]);
  assert.ok(
    outcome?.status === 'rejected',
    `expected a failure, not ${outcome?.status === 'fulfilled' ? String(outcome.value) : ''}`,
  );
  assert.ok(outcome.reason instanceof Error);
  return outcome.reason;
}
