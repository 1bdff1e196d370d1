/** Objects made and ready in another thread: one bare message each to make it, one answer when it was called. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { measure, perSecond, Tally } from './measure.ts';
import { runArmProgram } from './program.ts';

const AT_ONCE = 2000;

class Plain {
  #count = 0;
  ping(): number {
    this.#count++;
    return this.#count;
  }
}

if (isMainThread) {
  await runArmProgram(async (plan) => {
    const worker = new Worker(new URL(import.meta.url));
    const tally = new Tally();
    let waiting = 0;
    let all = Promise.withResolvers<void>();
    worker.on('message', (count: number) => {
      tally.add(count);
      if (--waiting === 0) all.resolve();
    });
    let id = 0;
    const measured = await measure(plan, async () => {
      all = Promise.withResolvers<void>();
      waiting = AT_ONCE;
      for (let i = 0; i < AT_ONCE; i++) worker.postMessage({ id: id++ });
      await all.promise;
      worker.postMessage({ id: -1 });
      return AT_ONCE;
    });
    tally.checkSum(tally.answers);
    return perSecond(measured);
  });
} else {
  const objects = new Map<number, Plain>();
  parentPort!.on('message', ({ id }: { id: number }) => {
    if (id === -1) {
      objects.clear();
      return;
    }
    const made = new Plain();
    objects.set(id, made);
    parentPort!.postMessage(made.ping());
  });
}
