/**
 * A handle may be passed to other actors, also deep inside a value: both ends reach the same actor.
 *
 * Here two workers get the same counter in their configuration, and one of them gives it back.
 */
import { get, init } from 'heddle';
import { Counter, Worker } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const counter = Counter.remote();
const workers = [Worker.remote(), Worker.remote()] as const;
await get(workers.map((worker) => worker.configure.remote({ services: { counters: [counter] } })));
console.log('the driver adds 1:', await counter.add.remote(1));
console.log('a worker adds 10:', await workers[0].work.remote(10));
console.log('another adds 100:', await workers[1].work.remote(100));
const lent = await workers[1].lend.remote();
console.log('by the handle that came back:', await lent.add.remote(1000));
