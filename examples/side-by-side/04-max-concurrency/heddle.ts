/**
 * A plain actor runs one call at a time; `maxConcurrency` lets it run more.
 *
 * Three calls meet at a table for three: with fewer at once they would wait for each other for ever. (Ray gives
 * such an actor three Python threads; Heddle runs the calls in one thread and interleaves them where they await.)
 */
import { get, init } from 'heddle';
import { Clerk, Table } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const [table, clerk] = [Table.options({ maxConcurrency: 3 }).remote(), Clerk.remote()];
console.log((await get(['Ada', 'Bob', 'Cleo'].map((name) => table.dine.remote(name)))).join(', '));
const served = await get(Array.from({ length: 20 }, () => clerk.serve.remote()));
console.log('served at once by the plain actor:', Math.max(...served));
