/**
 * The entry of every thread that hosts actors.
 */
import { threadId, workerData } from 'node:worker_threads';
import { realClock } from '@heddle/base';
import { Heartbeat, SharedBeat } from './heartbeat.ts';
import { KillWords } from './kill-words.ts';
import { ObjectStore } from './object-store.ts';
import { loadTelemetry } from './telemetry.ts';
import { serveControl, toEndpoint } from './thread-control.ts';
import { keepPort } from './thread-ports.ts';
import { bootWorker, controlOf } from './worker-boot.ts';
import { installConsole } from './worker-console.ts';
import type { ThreadStart } from './worker-thread.ts';

const start = workerData as ThreadStart;
const worker = bootWorker({
  start,
  workerId: start.workerId,
  threadId,
  clock: realClock,
  heartbeat: new Heartbeat(realClock, new SharedBeat(start.heartbeat)),
  kills: new KillWords(start.kills),
  store: new ObjectStore(start.store),
  telemetry: await loadTelemetry(start.telemetry),
  watching: start.watching,
  openDriver: (links) => links.adopt(start.driver),
});
if (start.role === 'actor') installConsole(worker.driver, worker.core.encoder);
for (const [name, port] of Object.entries(start.ports)) keepPort(name, port);
serveControl(controlOf(worker, realClock, keepPort), toEndpoint(start.control));
