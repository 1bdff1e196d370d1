/**
 * The entry of every worker thread: builds its core and its host, and connects them to the driver.
 */
import { type MessagePort, threadId, workerData } from 'node:worker_threads';
import { realClock } from '@heddle/base';
import { ActorHost } from './actor-host.ts';
import { CoreWorker } from './core-worker.ts';
import { setCurrentCore } from './current-core.ts';
import { Heartbeat, SharedBeat } from './heartbeat.ts';
import { KillWords } from './kill-words.ts';
import './queue.ts'; // A queue that is passed to this thread must be known here.
import { ObjectStore } from './object-store.ts';
import { setThreadContext } from './runtime-context.ts';
import { Telemetry } from './telemetry.ts';
import { serveControl, toEndpoint } from './thread-control.ts';
import { keepPort } from './thread-ports.ts';
import { installConsole } from './worker-console.ts';
import { WorkerControl } from './worker-control.ts';
import type { WorkerStart } from './worker-thread.ts';

const start = workerData as WorkerStart;
const heartbeat = new Heartbeat(realClock, new SharedBeat(start.heartbeat));
const telemetry = start.telemetry === undefined ? undefined : await Telemetry.load(start.telemetry);
const core = new CoreWorker({
  runtimeId: start.runtimeId,
  threadId,
  folder: start.folder,
  clock: realClock,
  isDriver: false,
  store: new ObjectStore(start.store),
  tracing: start.tracing,
  telemetry,
  watching: start.watching,
  onReceive: () => heartbeat.begin(),
});
const driver = core.links.adopt(start.driver);
const host = new ActorHost(core.encoder, driver, realClock, new KillWords(start.kills), heartbeat, core.log, telemetry);
const control = new WorkerControl({ core, driver, host, namespace: start.namespace, workerId: start.workerId });
core.connect(control, control, host);

setCurrentCore(core);
setThreadContext({
  runtimeId: start.runtimeId,
  namespace: start.namespace,
  workerId: start.workerId,
  jobId: start.jobId,
});
if (start.role === 'actor') installConsole(driver, core.encoder);
for (const [name, port] of Object.entries(start.ports)) keepPort(name, port);
serveControl(
  {
    ping: () => realClock.now(),
    stats: () => ({
      actors: host.size,
      links: core.links.size,
      pendingCalls: core.pendingCalls,
      heapUsed: process.memoryUsage().heapUsed,
    }),
    provide: (name: string, port: MessagePort) => keepPort(name, port),
  },
  toEndpoint(start.control),
);

// Answers given in this turn must arrive even if the turn ends in process.exit().
process.on('exit', () => core.links.flushAtExit());
