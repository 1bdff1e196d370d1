/**
 * The speed of light between two threads that are not the driver's: bare messages over one channel.
 *
 * `chains` of messages go to and fro at once, each answer sending the next; or one side sends `chains` at a time
 * without waiting for single answers.
 */
import { once } from 'node:events';
import { isMainThread, MessageChannel, type MessagePort, parentPort, Worker } from 'node:worker_threads';
import { measure, microsecondsEach, perSecond } from './measure.ts';
import { runArmProgram } from './program.ts';

interface Start {
  readonly port: MessagePort;
  readonly isFirst: boolean;
}

interface Work {
  readonly chains: number;
  readonly messages: number;
}

if (isMainThread) {
  await runArmProgram(async (plan, { chains, messages, unit, hopsPerMessage }) => {
    const { port1, port2 } = new MessageChannel();
    const [first, second] = [new Worker(new URL(import.meta.url)), new Worker(new URL(import.meta.url))];
    first.postMessage({ port: port1, isFirst: true } satisfies Start, [port1]);
    second.postMessage({ port: port2, isFirst: false } satisfies Start, [port2]);
    const measured = await measure(plan, async () => {
      first.postMessage({ chains, messages } as Work);
      const [answered] = (await once(first, 'message')) as [number];
      if (answered !== messages) throw new Error(`Cannot trust this arm: ${answered} of ${messages} were answered`);
      return answered * (hopsPerMessage as number);
    });
    return unit === 'rate' ? perSecond(measured) : microsecondsEach(measured);
  });
} else {
  const [{ port, isFirst }] = (await once(parentPort!, 'message')) as [Start];
  if (isFirst) lead(port);
  else port.on('message', (id: number) => port.postMessage(id));
}

function lead(port: MessagePort): void {
  let sent = 0;
  let answered = 0;
  let work: Work = { chains: 0, messages: 0 };
  port.on('message', () => {
    answered++;
    if (sent < work.messages) port.postMessage(sent++);
    if (answered === work.messages) parentPort!.postMessage(answered);
  });
  parentPort!.on('message', (next: Work) => {
    work = next;
    sent = 0;
    answered = 0;
    while (sent < Math.min(work.chains, work.messages)) port.postMessage(sent++);
  });
}
