/** Resident bytes of one idle actor, beyond what the same thread held before. Needs `--expose-gc`. */
import { init } from 'heddle';
import { Plain } from '../actors/plain.ts';
import { runArmProgram } from './program.ts';

await runArmProgram(async ({ isQuick }) => {
  const count = isQuick ? 20_000 : 100_000;
  await using _runtime = await init({ workers: 1 });
  const first = Plain.remote();
  await warmUp();
  const before = await resident();
  const actors = await makeReady(count);
  const bytes = (await resident()) - before;
  let sum = 0;
  for (const actor of actors.slice(0, 100)) sum += await actor.ping.remote();
  if (sum !== 200) throw new Error(`Cannot trust this arm: 100 actors called twice answered ${sum} in all`);
  return { value: bytes / count };

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

  async function resident(): Promise<number> {
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.();
      await first.collect.remote();
    }
    return process.memoryUsage.rss();
  }
});
