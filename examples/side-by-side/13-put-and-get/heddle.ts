/**
 * `put` stores a snapshot of a value and names it by a ref; each `get` gives a fresh copy of it.
 *
 * The value is stored once however many calls it is handed to. A ref is not a value to store: `put` refuses it.
 */
import { get, init, put } from 'heddle';
import { Reader } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const dictionary = { words: ['ox', 'yak', 'zebu'] };
const stored = put(dictionary);
dictionary.words.push('after the put');
console.log('stored:', ...(await get(stored)).words);

const copy = await get(stored);
copy.words.push('mine alone');
console.log('another get:', ...(await get(stored)).words);

const readers = [Reader.remote(), Reader.remote()] as const;
console.log('counted by two readers:', ...(await get(readers.map((reader) => reader.count.remote(stored)))));
console.log('one scribbles in its copy:', await readers[0].scribble.remote(stored));
console.log('the other still counts:', await readers[1].count.remote(stored));
try {
  put(stored);
} catch (error) {
  console.log('put of a ref:', (error as Error).name);
}
