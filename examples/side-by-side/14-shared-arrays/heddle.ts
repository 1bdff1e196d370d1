/**
 * Large binary values are stored once, in shared memory, however many calls they are handed to.
 *
 * In Heddle whoever gets one sees the same bytes without a copy, so they are to be read, not written: JavaScript cannot
 * mark an array read-only. (Ray does the same for numpy arrays, which it can mark; plain bytes it copies.)
 */
import { get, init, put } from 'heddle';
import { Statistician } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const numbers = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
const stored = put(numbers);
numbers[0] = 255; // The put has made its own copy.

const statisticians = [Statistician.remote(), Statistician.remote()] as const;
const halves = [
  statisticians[0].sumOfPart.remote(stored, 0, 500_000),
  statisticians[1].sumOfPart.remote(stored, 500_000, 1_000_000),
];
console.log('halves:', ...(await get(halves)));
console.log('whole:', await statisticians[0].sum.remote(stored));
console.log('length here:', (await get(stored)).length);
