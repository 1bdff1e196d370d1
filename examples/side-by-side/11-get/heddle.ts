/**
 * `get` of a list keeps its order, throws as soon as one ref has failed, and gives up at a deadline.
 *
 * The deadline ends the waiting, not the call: its value can be had later.
 */
import { GetTimeoutError, get, init, TaskError } from 'heddle';
import { Kitchen } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const kitchen = Kitchen.remote();
const [soup, roast] = [kitchen.cook.remote('soup'), kitchen.cook.remote('roast')];

try {
  await get([soup, roast], { timeoutMs: 50 });
} catch (error) {
  if (!(error instanceof GetTimeoutError)) throw error;
  console.log('not in time');
}

try {
  await get([soup, kitchen.burn.remote('toast'), roast]); // Does not wait for the soup.
} catch (error) {
  if (!(error instanceof TaskError)) throw error;
  console.log('failed first:', (error.cause as Error).message);
}

await kitchen.serve.remote();
console.log('in the order asked for:', ...(await get([roast, soup])));
