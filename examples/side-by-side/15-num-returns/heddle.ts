/**
 * A method may return several values, each with a ref of its own: they can be waited for and passed on one by one.
 *
 * With none there is no ref at all. A result of another length fails every ref.
 */
import { get, init } from 'heddle';
import { Surveyor } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const surveyor = Surveyor.remote();
const [height, width, depth] = surveyor.measure.options({ numReturns: 3 }).remote();
console.log(...(await get([depth!, height!])));
console.log(await surveyor.double.remote(width!));

const nothing = surveyor.note.options({ numReturns: 0 }).remote();
console.log('of no returns:', nothing === undefined ? 'nothing' : 'a ref');

let failures = 0;
for (const ref of surveyor.measure.options({ numReturns: 2 }).remote()) await ref.then(null, () => failures++);
console.log('of three values for two refs, refs that failed:', failures);
