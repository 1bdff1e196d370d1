/**
 * A pool hands work to whichever of its actors is free: `map` keeps the order of the work, `mapUnordered` does not.
 *
 * `submit` queues what no actor is free for. An actor whose call failed is free again.
 */
import { type ActorHandle, ActorPool, init, TaskError } from 'heddle';
import { Translator } from './actors.ts';

const translate = (translator: ActorHandle<typeof Translator>, word: string) => translator.translate.remote(word);

await using _runtime = await init({ workers: 2 });
const pool = new ActorPool([Translator.remote(), Translator.remote()]);
const words = ['ant', 'bee', 'cow', 'dog', 'elk'];
console.log('in order:', ...(await Array.fromAsync(pool.map(translate, words))));
const unordered = await Array.fromAsync(pool.mapUnordered(translate, ['fox', 'gnu', 'hen']));
console.log('in any order:', ...unordered.toSorted());

for (const word of ['ibis', 'cat', 'jay']) pool.submit(translate, word);
console.log('a free actor:', pool.hasFree() ? 'yes' : 'no');
while (pool.hasNext()) {
  try {
    console.log(await pool.getNext());
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    console.log('failed');
  }
}
console.log('a free actor:', pool.hasFree() ? 'yes' : 'no');
