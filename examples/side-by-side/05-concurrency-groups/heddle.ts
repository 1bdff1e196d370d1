/**
 * Concurrency groups divide an actor's calls: each group has a limit of its own, and a full one delays no other.
 *
 * The group `slow` runs one call at a time. One call holds it and one more waits behind; the group `quick` answers
 * all the same, and so does the default group, which is not named.
 * (Ray gives each group threads of its own; Heddle runs all groups in one thread and interleaves where they await.)
 */
import { get, init, wait } from 'heddle';
import { Office } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const office = Office.options({ concurrencyGroups: { slow: 1, quick: 2 } }).remote();
const digs = [office.dig.remote('first dig')];
await office.untilHeld.remote();
digs.push(office.dig.remote('second dig'));
const moved = office.whoBegan.options({ concurrencyGroup: 'slow' }).remote(); // This call alone goes to the full group.
console.log('while the group is full:', ...(await office.whoBegan.remote()));
const [ready] = await wait([moved], { timeoutMs: 0 });
console.log('in the full group:', ready.length > 0 ? 'answered' : 'waits');
await office.open.remote();
console.log('then:', ...(await get(digs)));
await moved;
