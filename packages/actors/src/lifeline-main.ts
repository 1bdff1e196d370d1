/**
 * A thread in the process of an actor that waits for the driver's end.
 *
 * The driver holds the other end of a socket on which nothing is said. When it closes the driver is gone, however
 * it went, and nobody needs the process; a thread of its own can end it also while the actor never yields.
 */
import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import { Fd } from './process-start.ts';
import { removeFolderIfEmpty, removeSocket } from './socket-folder.ts';

const { folder, peer } = workerData as { readonly folder: string; readonly peer: number };

const lifeline = new Socket({ fd: Fd.Lifeline, readable: true, writable: false });
lifeline.on('error', () => {});
lifeline.on('close', () => {
  removeSocket(folder, peer);
  removeFolderIfEmpty(folder);
  process.kill(process.pid, 'SIGKILL');
});
lifeline.resume();
