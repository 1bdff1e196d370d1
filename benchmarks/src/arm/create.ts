/** Actors created and ready: each was called once and has answered. They are given up between pieces. */
import { init } from 'heddle';
import { Plain } from '../actors/plain.ts';
import { measure, perSecond, Tally } from './measure.ts';
import { runArmProgram } from './program.ts';

const AT_ONCE = 2000;
/** A program that makes no more than these pays for its threads' start and for compiling with them. */
const FIRST = 20_000;

await runArmProgram(async (plan) => {
  await using _runtime = await init();
  const tally = new Tally();
  const start = performance.now();
  let firstSeconds = 0;
  const measured = await measure(plan, async () => {
    const actors = Array.from({ length: AT_ONCE }, () => Plain.remote());
    const ready = actors.map((actor) => actor.ping.remote());
    for (const each of ready) tally.add(await each);
    for (const actor of actors) actor.release();
    if (tally.answers === FIRST) firstSeconds = (performance.now() - start) / 1000;
    return AT_ONCE;
  });
  tally.checkSum(tally.answers); // Each answered 1: it was new.
  const notes = firstSeconds > 0 ? { 'the first 20,000 of the process, per s': FIRST / firstSeconds } : {};
  return { ...perSecond(measured), notes };
});
