/** Items of a streaming generator, each awaited. */
import { Source } from '../actors/source.ts';
import { startHeddle } from './heddle.ts';
import { measure, perSecond, Tally } from './measure.ts';
import { notInThisBuild, runArmProgram } from './program.ts';

const ITEMS = 5000;

await runArmProgram(async (plan) => {
  await using _runtime = await startHeddle();
  const source = Source.remote();
  const tally = new Tally();
  let streams = 0;
  const measured = await measure(plan, async () => {
    const items = source.upTo.remote(ITEMS) as unknown as AsyncIterable<PromiseLike<number>>;
    if (!(Symbol.asyncIterator in items)) throw notInThisBuild('streaming generators');
    for await (const item of items) tally.add(await item);
    streams++;
    return ITEMS;
  });
  tally.checkSum((streams * (ITEMS * (ITEMS + 1))) / 2);
  return perSecond(measured);
});
