/**
 * A worker's part of the runtime, whatever carries it: its core, its host, and what joins both to the driver.
 *
 * The mains of threads and processes give the carrier's own parts; when `bootWorker` returns, calls can run.
 */
import type { Clock } from '@heddle/base';
import { ActorHost } from './actor-host.ts';
import { CoreWorker } from './core-worker.ts';
import { setCurrentCore } from './current-core.ts';
import type { Heartbeat } from './heartbeat.ts';
import { KillWords } from './kill-words.ts';
import type { Link } from './link.ts';
import type { Links } from './links.ts';
import type { ObjectStore } from './object-store.ts';
import './queue.ts'; // A queue that is passed to this worker must be known here.
import { setThreadContext } from './runtime-context.ts';
import type { Telemetry } from './telemetry.ts';
import type { ThreadControl } from './thread-control.ts';
import type { Watching } from './watcher.ts';
import { WorkerControl } from './worker-control.ts';
import type { WorkerStart } from './worker-start.ts';

export interface WorkerParts<L extends Link> {
  readonly start: WorkerStart;
  readonly workerId: string;
  /** Its number among threads and processes. */
  readonly threadId: number;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat;
  readonly store: ObjectStore;
  readonly telemetry: Telemetry | undefined;
  readonly watching: Watching;
  /** Words by which the driver kills; a carrier that dies with its only actor needs none. */
  readonly kills?: KillWords;
  readonly onNeeded?: (isNeeded: boolean) => void;
  readonly openDriver: (links: Links) => L;
}

export interface BootedWorker<L extends Link> {
  readonly core: CoreWorker;
  readonly host: ActorHost;
  readonly driver: L;
}

export function bootWorker<L extends Link>(parts: WorkerParts<L>): BootedWorker<L> {
  const { start, workerId, clock, heartbeat, telemetry, kills = new KillWords(), onNeeded } = parts;
  const { runtimeId, namespace, jobId, folder, tracing } = start;
  const core = new CoreWorker({
    runtimeId,
    threadId: parts.threadId,
    folder,
    clock,
    isDriver: false,
    store: parts.store,
    tracing,
    telemetry,
    watching: parts.watching,
    turnBegins: () => heartbeat.turnBegins(),
    ...(onNeeded !== undefined && { onNeeded }),
    introduce: (peer) => control.introduce(peer),
  });
  const driver = parts.openDriver(core.links);
  const host = new ActorHost(core.encoder, driver, clock, kills, heartbeat, core.log, telemetry);
  const control = new WorkerControl({ core, driver, host, namespace, workerId });
  core.connect(control, control, host);
  setCurrentCore(core);
  setThreadContext({ runtimeId, namespace, workerId, jobId });
  process.on('exit', () => core.links.flushAtExit()); // Answers given in this turn must arrive even if the turn ends in process.exit().
  return { core, host, driver };
}

/** What a worker answers about itself. */
export function controlOf(
  { core, host }: BootedWorker<Link>,
  clock: Clock,
  provide: ThreadControl['provide'],
): ThreadControl {
  return {
    ping: () => clock.now(),
    stats: () => ({
      actors: host.size,
      links: core.links.size,
      pendingCalls: core.pendingCalls,
      heapUsed: process.memoryUsage().heapUsed,
    }),
    provide,
  };
}
