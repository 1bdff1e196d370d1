/**
 * A task whose worker crashes is run again, `maxRetries` times (3 unless it says otherwise): at least once.
 *
 * When none is left its ref fails with `WorkerCrashedError`. Another actor counts the attempts.
 */
import { init } from 'heddle';
import { climb, Witness } from './actors.ts';

await using _runtime = await init({ numCpus: 2 });
const witness = Witness.remote();
console.log('reached the top at attempt:', await climb.remote(witness, 2));
await witness.reset.remote();

try {
  await climb.options({ maxRetries: 1 }).remote(witness, 99);
} catch (error) {
  console.log((error as Error).name, 'after attempts:', await witness.reset.remote());
}
