/**
 * What Piscina loads in a pool thread: boots the thread at its first lease, and keeps each lease
 * for as long as it lasts, and the thread for as long as others need what it has.
 */
import { threadId, workerData } from 'node:worker_threads';
import { realClock } from '@heddle/base';
import type { ActorHost } from './actor-host.ts';
import { collectGarbage } from './garbage.ts';
import { Heartbeat, SharedBeat } from './heartbeat.ts';
import { ObjectRef } from './object-ref.ts';
import { ObjectStore } from './object-store.ts';
import { type CellKey, Kind } from './protocol.ts';
import { presentEnvelope } from './runtime-context.ts';
import type { TaskWorkerStart, ThreadNews } from './task-start.ts';
import { loadTelemetry } from './telemetry.ts';
import { bootWorker } from './worker-boot.ts';
import { installConsole } from './worker-console.ts';

interface LeaseTask {
  readonly cell: CellKey;
  /** The thread's id, if it has none yet. */
  readonly workerId: string;
}

let booting: Promise<ActorHost> | undefined;
/** Whether others need what this thread has, and who is told when they do not. */
let isNeeded = false;
let whenFree: PromiseWithResolvers<void> | undefined;
let idleMs: number;
let announce: (cell: CellKey, news: ThreadNews | undefined) => void;
let news: ThreadNews | undefined;

/** Piscina's task: one lease. Resolves when it is over. */
export default async function lease({ cell, workerId }: LeaseTask): Promise<void> {
  if (cell === -1) return; // Only to make Piscina look at its queue.
  booting ??= boot(workerId);
  const host = await booting;
  const over = host.openLease(cell);
  announce(cell, news);
  news = undefined;
  await over;
  while (isNeeded && whenFree === undefined) await untilFree();
}

/**
 * Piscina ends a thread without tasks. With it would end the actors that its tasks have made, and the objects that
 * others have refs to: so one lease goes on, without its resources, until there are none. What the thread alone still
 * names is let go by a collection, which an idle thread would hardly ever make by itself.
 */
async function untilFree(): Promise<void> {
  whenFree = Promise.withResolvers();
  using _collection = realClock.after(idleMs, collectGarbage, { background: true });
  await whenFree.promise;
  whenFree = undefined;
}

function needed(isSo: boolean): void {
  isNeeded = isSo;
  if (!isSo) whenFree?.resolve();
}

async function boot(workerId: string): Promise<ActorHost> {
  const given = workerData as TaskWorkerStart | [unknown, TaskWorkerStart];
  const start = Array.isArray(given) ? given[1] : given;
  idleMs = start.idleMs;
  const beat = new SharedBeat();
  const store = ObjectStore.joining(start.storeTotal);
  const { core, host, driver } = bootWorker({
    start,
    workerId,
    threadId,
    clock: realClock,
    heartbeat: new Heartbeat(realClock, beat),
    store,
    telemetry: await loadTelemetry(start.telemetry),
    watching: start.watching,
    onNeeded: needed,
    openDriver: (links) => links.to(start.driverThreadId)!,
  });
  installConsole(driver, core.encoder);
  ObjectRef.onWait = (ref) => {
    const envelope = presentEnvelope();
    envelope?.onWait?.(envelope, ref);
  };
  news = { workerId, heartbeat: beat.buffer, store: store.memory };
  announce = (cell, first) => driver.entry().push(Kind.LeaseUp, cell, first);
  return host;
}
