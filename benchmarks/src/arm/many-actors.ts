/** Calls to very many live actors by turns, 1,000 in flight, beside calls to one of them in the same process. */
import { init } from 'heddle';
import { Plain } from '../actors/plain.ts';
import { median } from '../statistics.ts';
import { measure, Tally } from './measure.ts';
import { runArmProgram } from './program.ts';
import { inFlight } from './shapes.ts';

const ROUNDS = 5;

await runArmProgram(async (plan, { actors: asked }) => {
  const count = plan.isQuick ? Math.min(asked as number, 100_000) : (asked as number);
  await using _runtime = await init();
  const start = performance.now();
  const actors: ReturnType<typeof Plain.remote>[] = [];
  let wave: PromiseLike<number>[] = [];
  for (let i = 0; i < count; i++) {
    const actor = Plain.remote();
    actors.push(actor);
    wave.push(actor.ping.remote());
    if (wave.length === 2000 || i === count - 1) {
      for (const each of wave) await each;
      wave = [];
    }
  }
  const creationSeconds = (performance.now() - start) / 1000;
  const one = Plain.remote();
  const oneTally = new Tally();
  const manyTally = new Tally();
  let next = 0;
  let expected = 0;
  const toOne = inFlight(1000, () => one.ping.remote(), oneTally);
  const toMany = inFlight(
    1000,
    () => {
      expected += 2 + Math.floor(next / count); // Each was called once when it was made.
      return actors[next++ % count]!.ping.remote();
    },
    manyTally,
  );
  for (let called = 0; called < count; called += 1000) await toMany(); // Each once more: its second call is dearer than all later ones.
  const rates = { one: [] as number[], many: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const ofOne = await measure(plan, toOne);
    const ofMany = await measure(plan, toMany);
    rates.one.push(ofOne.operations / ofOne.seconds);
    rates.many.push(ofMany.operations / ofMany.seconds);
  }
  oneTally.checkCounted();
  manyTally.checkSum(expected);
  return {
    value: median(rates.many),
    notes: {
      'live actors': count,
      'calls/s to one of them': median(rates.one),
      'one / many': median(rates.one) / median(rates.many),
      'created and ready per s': count / creationSeconds,
      'resident MB': process.memoryUsage.rss() / 2 ** 20,
    },
  };
});
