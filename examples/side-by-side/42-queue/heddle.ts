/**
 * A queue with a limit, shared by actors and tasks: who puts into a full one waits, and who takes from an empty one.
 *
 * Without waiting they are refused instead. A batch goes in or out whole, or not at all.
 */
import { init, Queue, QueueEmptyError, QueueFullError } from 'heddle';
import { Baker } from './actors.ts';

async function refused(name: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof QueueEmptyError) console.log(`${name}: Empty`);
    else if (error instanceof QueueFullError) console.log(`${name}: Full`);
    else throw error;
  }
}

const word = (yes: boolean): string => (yes ? 'yes' : 'no');

await using _runtime = await init({ workers: 2 });
const shelf = new Queue<string>({ maxSize: 2 });
await refused('nothing there', () => shelf.getNowait());
const baking = Baker.remote().bake.remote(shelf, 5);
const loaves: string[] = [];
while (loaves.length < 5) loaves.push(await shelf.get());
console.log(loaves.join(', '));
console.log(await baking);

await shelf.put('rolls');
await refused('a batch too large', () => shelf.putNowaitBatch(['bun', 'bagel']));
console.log('size:', await shelf.size(), 'empty:', word(await shelf.empty()), 'full:', word(await shelf.full()));
await shelf.put('bun');
await refused('no room within 10 ms', () => shelf.put('bagel', { timeoutMs: 10 }));
await refused('not so many there', () => shelf.getNowaitBatch(3));
console.log(...(await shelf.getNowaitBatch(2)));
