/**
 * `maxPendingCalls` bounds how many calls a caller may have on their way to an actor; the one beyond is refused.
 *
 * That is back-pressure at the call: a caller that outruns an actor learns it at once. What was accepted is not
 * touched, and as soon as a call is answered there is room for another.
 */
import { get, init, type ObjectRef, PendingCallsLimitExceededError } from 'heddle';
import { Gate, Mill } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const [gate, mill] = [Gate.remote(), Mill.options({ maxPendingCalls: 3 }).remote()];
const flour: ObjectRef<string>[] = [];
for (const sack of ['rye', 'oats', 'wheat', 'spelt']) {
  try {
    flour.push(mill.grind.remote(sack, gate));
    console.log(sack, 'accepted');
  } catch (error) {
    if (!(error instanceof PendingCallsLimitExceededError)) throw error;
    console.log(sack, 'refused');
  }
}

await gate.open.remote();
console.log((await get(flour)).join(', '));
console.log(await mill.grind.remote('spelt', gate));
