/**
 * With back-pressure a generator stands still while so many of its items were not yet taken.
 *
 * A slow consumer then never has more than that waiting for it, even of an endless generator. Taking the ref counts,
 * with `next`, not getting the value. Ending the generator ends its producer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type ActorHandle, init } from 'heddle';
import { count, Meter } from './actors.ts';

async function madeWhenItStandsStill(meter: ActorHandle<typeof Meter>, expected: number): Promise<number> {
  while ((await meter.read.remote()) < expected);
  await delay(100); // It would go on now.
  return await meter.read.remote();
}

await using _runtime = await init({ numCpus: 2 });
const meter = Meter.remote();
const items = count.options({ generatorBackpressure: 2 }).remote(meter);
console.log('taken 0, made', await madeWhenItStandsStill(meter, 2));
const taken: number[] = [];
while (taken.length < 3) {
  const { value: ref } = await items.next();
  taken.push(await ref!);
}
console.log('taken 3, made', await madeWhenItStandsStill(meter, 5));
console.log('items:', ...taken);
await items.return();
