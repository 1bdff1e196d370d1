import { parentPort, workerData } from 'node:worker_threads';
import type { Request, Response } from '../post-message.ts';
import { take } from './count.ts';

const port = parentPort!;
const { isAsync } = workerData as { isAsync: boolean };

const answer = ({ id, value }: Request): Response => ({ id, count: take(value) });

if (isAsync)
  port.on('message', async (request: Request) => {
    await null;
    port.postMessage(answer(request));
  });
else port.on('message', (request: Request) => port.postMessage(answer(request)));
