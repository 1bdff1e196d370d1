/**
 * An actor with an async method is an async actor: while one call awaits, others begin.
 *
 * Its calls share one thread and interleave only where they await. Here the second call lets the first one go on.
 */
import { get, init } from 'heddle';
import { Desk } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const desk = Desk.remote();
const first = desk.first.remote();
await desk.untilFirstCame.remote();
await get([first, desk.second.remote()]);
for (const line of await desk.read.remote()) console.log(line);
