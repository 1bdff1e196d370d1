/**
 * An actor that exits by itself runs its shutdown hook; one that is killed runs nothing more.
 *
 * Either way the running call fails and the actor is not made anew, whatever `maxRestarts` says.
 */
import { ActorDiedError, type ActorHandle, init, kill } from 'heddle';
import { Guest, Log } from './actors.ts';

async function waitForDeath(guest: ActorHandle<typeof Guest>): Promise<void> {
  try {
    for (;;) await guest.ping.remote();
  } catch (error) {
    if (!(error instanceof ActorDiedError)) throw error;
  }
}

await using _runtime = await init({ workers: 2 });
const log = Log.remote();
const Restarted = Guest.options({ maxRestarts: -1 });
const [polite, rude] = [Restarted.remote(log, 'Polly'), Restarted.remote(log, 'Rudi')];
await Promise.all([polite.greet.remote(), rude.greet.remote()]);

try {
  await polite.leave.remote();
} catch (error) {
  console.log('the call that exits:', (error as Error).name);
}
await kill(rude);
for (const guest of [polite, rude]) await waitForDeath(guest);
console.log('both are dead');
while (!(await log.read.remote()).includes('Polly tidies up')); // The hook runs when the call has failed already.
for (const line of (await log.read.remote()).toSorted()) console.log(line);
