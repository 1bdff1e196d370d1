/**
 * Resident bytes of one idle actor, beyond what the same threads held before, and the heap of both threads beside
 * them: the rest is what the collector keeps for later. Needs `--expose-gc`.
 */
import v8 from 'node:v8';
import { init } from 'heddle';
import { Plain } from '../actors/plain.ts';
import { runArmProgram } from './program.ts';

await runArmProgram(async ({ isQuick }) => {
  const count = isQuick ? 50_000 : 400_000; // What the collector keeps for later is the same for few and many.
  await using _runtime = await init({ workers: 1 });
  const first = Plain.remote();
  await warmUp();
  const before = await look();
  const actors = await makeReady(count);
  const after = await look();
  let sum = 0;
  for (const actor of actors.slice(0, 100)) sum += await actor.ping.remote();
  if (sum !== 200) throw new Error(`Cannot trust this arm: 100 actors called twice answered ${sum} in all`);
  return {
    value: (after.resident - before.resident) / count,
    notes: {
      "heap bytes in the driver's thread": Math.round((after.driver - before.driver) / count),
      "heap bytes in the actor's, its object included": Math.round((after.worker - before.worker) / count),
    },
  };

  async function makeReady(many: number) {
    const made = [];
    for (let i = 0; i < many; i++) {
      made.push(Plain.remote());
      if (i % 1000 === 999) await Promise.all(made.slice(-1000).map((actor) => actor.ping.remote()));
    }
    return made;
  }

  /** Code compiled and queues grown, so that the actors counted pay for themselves alone. */
  async function warmUp(): Promise<void> {
    for (const actor of await makeReady(2000)) actor.release();
  }

  async function look(): Promise<{ resident: number; driver: number; worker: number }> {
    let worker = 0;
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.();
      worker = await first.collect.remote();
    }
    return { resident: process.memoryUsage.rss(), driver: v8.getHeapStatistics().used_heap_size, worker };
  }
});
