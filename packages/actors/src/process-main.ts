/**
 * The entry of an actor's own process.
 *
 * It ends with the driver: `lifeline-main.ts` sees to that.
 */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { encodeThrown } from '@heddle/base';
import { BegunFile } from './begun-file.ts';
import { Doorbells } from './doorbells.ts';
import { DriverTime } from './driver-time.ts';
import { entryFile } from './entry-file.ts';
import { Frame, type ReadFrame } from './frames.ts';
import { Heartbeat } from './heartbeat.ts';
import { ObjectStore } from './object-store.ts';
import { Fd, type ProcessStart } from './process-start.ts';
import { SocketEndpoint } from './socket-endpoint.ts';
import { loadTelemetry } from './telemetry.ts';
import { serveControl } from './thread-control.ts';
import { bootWorker, controlOf } from './worker-boot.ts';
import { installConsole } from './worker-console.ts';

const start = JSON.parse(process.argv.splice(2, 1)[0]!) as ProcessStart;
new Worker(entryFile('lifeline-main'), {
  workerData: { folder: start.folder, peer: start.peer },
  name: 'heddle lifeline',
}).unref();

const clock = new DriverTime(start.originMs);
const words = BegunFile.inherited(Fd.Words);
const worker = bootWorker({
  start,
  workerId: start.workerId,
  threadId: start.peer,
  clock,
  heartbeat: new Heartbeat(clock, words),
  store: ObjectStore.open(start.objectStoreBytes),
  telemetry: await loadTelemetry(start.telemetry),
  // Nothing is heard of a socket without the loop: there is nothing to watch.
  watching: { latency: 'idle', processors: 1, bells: new Doorbells().buffer },
  openDriver: (links) => links.makeSocketLink(start.driver),
});
const { core, driver } = worker;
installConsole(driver, core.encoder);

const endpoint = new SocketEndpoint(driver);
const onFrame = (frame: ReadFrame): void => {
  if (frame.kind === Frame.Control) endpoint.received(frame);
  else if (frame.kind === Frame.Leave) process.exit(0);
};
const providePort = (): never => {
  throw new TypeError('Cannot provide a port to a process: ports join threads');
};
serveControl(controlOf(worker, clock, providePort), endpoint.endpoint);

// A terminal's Ctrl-C goes to all its processes. This one's life is the driver's to end.
process.on('SIGINT', () => {});

// A thread's uncaught error is told to its driver and printed nowhere; so is a process's.
process.on('uncaughtExceptionMonitor', (error) => {
  if (process.listenerCount('uncaughtException') > 0) return; // User code looks after it.
  driver.sendOther(Frame.LastWords, encodeThrown(error));
  process.exit(1);
});

// Nothing is run before others can dial: what runs may tell them of this process.
core.links.listen(() => {
  driver.attach({ socket: new Socket({ fd: Fd.Link, readable: true, writable: true }), file: words, side: 1 }, onFrame);
  driver.sendOther(Frame.Ready);
});
