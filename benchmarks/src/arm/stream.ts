/** Items of a streaming generator, each awaited. */
import { init } from 'heddle';
import { Source } from '../actors/source.ts';
import { measure, perSecond, Tally } from './measure.ts';
import { runArmProgram } from './program.ts';

const ITEMS = 5000;

await runArmProgram(async (plan) => {
  await using _runtime = await init();
  const source = Source.remote();
  const tally = new Tally();
  let streams = 0;
  const measured = await measure(plan, async () => {
    for await (const item of source.upTo.remote(ITEMS)) tally.add(await item);
    streams++;
    return ITEMS;
  });
  tally.checkSum((streams * (ITEMS * (ITEMS + 1))) / 2);
  return perSecond(measured);
});
