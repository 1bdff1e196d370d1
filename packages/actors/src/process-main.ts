/**
 * The entry of an actor's own process: builds its core and its host, and connects them to the driver.
 *
 * It ends with the driver: `lifeline-main.ts` sees to that.
 */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { encodeThrown } from '@heddle/base';
import { ActorHost } from './actor-host.ts';
import { BegunFile } from './begun-file.ts';
import { CoreWorker } from './core-worker.ts';
import { setCurrentCore } from './current-core.ts';
import { Doorbells } from './doorbells.ts';
import { DriverTime } from './driver-time.ts';
import { Frame, type ReadFrame } from './frames.ts';
import { Heartbeat } from './heartbeat.ts';
import { KillWords } from './kill-words.ts';
import { ObjectStore } from './object-store.ts';
import { Fd, type ProcessStart } from './process-start.ts';
import './queue.ts'; // A queue that is passed to this process must be known here.
import { setThreadContext } from './runtime-context.ts';
import { SocketEndpoint } from './socket-endpoint.ts';
import { Telemetry } from './telemetry.ts';
import { serveControl } from './thread-control.ts';
import { installConsole } from './worker-console.ts';
import { WorkerControl } from './worker-control.ts';

const start = JSON.parse(process.argv.splice(2, 1)[0]!) as ProcessStart;
const lifeline = new URL(
  import.meta.url.endsWith('.ts') ? './lifeline-main.ts' : './lifeline-main.js',
  import.meta.url,
);
new Worker(lifeline, { workerData: { folder: start.folder, peer: start.peer }, name: 'heddle lifeline' }).unref();

const clock = new DriverTime(start.originMs);
const words = BegunFile.inherited(Fd.Words);
const heartbeat = new Heartbeat(clock, words);
const telemetry = start.telemetry === undefined ? undefined : await Telemetry.load(start.telemetry);
const core = new CoreWorker({
  runtimeId: start.runtimeId,
  threadId: start.peer,
  folder: start.folder,
  clock,
  store: ObjectStore.open(start.objectStoreBytes),
  isDriver: false,
  tracing: start.tracing,
  telemetry,
  // Nothing is heard of a socket without the loop: there is nothing to watch.
  watching: { latency: 'idle', processors: 1, bells: new Doorbells().buffer },
  onReceive: () => heartbeat.begin(),
  introduce: (peer) => control.introduce(peer),
});
const driver = core.links.makeSocketLink(start.driver);
const host = new ActorHost(core.encoder, driver, clock, new KillWords(), heartbeat, core.log, telemetry);
const control = new WorkerControl({ core, driver, host, namespace: start.namespace, workerId: start.workerId });
core.connect(control, control, host);

setCurrentCore(core);
setThreadContext({
  runtimeId: start.runtimeId,
  namespace: start.namespace,
  workerId: start.workerId,
  jobId: start.jobId,
});
installConsole(driver, core.encoder);

const endpoint = new SocketEndpoint(driver);
const onFrame = (frame: ReadFrame): void => {
  if (frame.kind === Frame.Control) endpoint.received(frame);
  else if (frame.kind === Frame.Leave) process.exit(0);
};
serveControl(
  {
    ping: () => clock.now(),
    stats: () => ({
      actors: host.size,
      links: core.links.size,
      pendingCalls: core.pendingCalls,
      heapUsed: process.memoryUsage().heapUsed,
    }),
    provide: () => {
      throw new TypeError('Cannot provide a port to a process: ports join threads');
    },
  },
  endpoint.endpoint,
);

// A terminal's Ctrl-C goes to all its processes. This one's life is the driver's to end.
process.on('SIGINT', () => {});

// A thread's uncaught error is told to its driver and printed nowhere; so is a process's.
process.on('uncaughtExceptionMonitor', (error) => {
  if (process.listenerCount('uncaughtException') > 0) return; // User code looks after it.
  driver.sendOther(Frame.LastWords, encodeThrown(error));
  process.exit(1);
});

// Answers given in this turn must arrive even if the turn ends in process.exit().
process.on('exit', () => core.links.flushAtExit());

// Nothing is run before others can dial: what runs may tell them of this process.
core.links.listen(() => {
  driver.attach({ socket: new Socket({ fd: Fd.Link, readable: true, writable: true }), file: words, side: 1 }, onFrame);
  driver.sendOther(Frame.Ready);
});
