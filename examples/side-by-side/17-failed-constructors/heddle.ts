/**
 * A constructor runs after `.remote()` has returned. If it throws, the actor is dead, and its calls tell.
 *
 * It is not tried again, whatever `maxRestarts` says: the same arguments would fail the same way. A constructor whose
 * argument failed is not run at all. (In Ray the reason is text; here it is the `cause`, however deep.)
 */
import { ActorDiedError, type ActorHandle, init } from 'heddle';
import { Account, Bank } from './actors.ts';

const REASONS = ['a balance of -5', 'no account of Eve'];

async function tryIt(what: string, account: ActorHandle<typeof Account>): Promise<void> {
  try {
    console.log(what, await account.read.remote());
  } catch (error) {
    if (!(error instanceof ActorDiedError)) throw error;
    console.log(what, 'ActorDiedError,', REASONS.find((text) => causesOf(error).includes(text)) ?? 'no reason');
  }
}

function causesOf(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...causesOf(error.cause)] : [];
}

await using _runtime = await init({ workers: 2 });
const Restarted = Account.options({ maxRestarts: -1 });
await tryIt('with 10:', Restarted.remote(10));
const overdrawn = Restarted.remote(-5);
await tryIt('with -5:', overdrawn);
await tryIt('once more:', overdrawn);
await tryIt('with an argument that failed:', Restarted.remote(Bank.remote().lookUp.remote('Eve')));
