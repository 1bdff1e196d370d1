/**
 * A consumer that leaves a generator before its end. HERE RAY AND HEDDLE DIFFER.
 *
 * In Ray the producer runs on to its end, with nobody to take what it makes. In Heddle leaving the loop ends it.
 */
import { init } from 'heddle';
import { Press } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const press = Press.remote();
for await (const ref of press.printAll.remote(10)) {
  console.log('took', await ref);
  break;
}
await press.goOn.remote();
console.log('printed all ten:', (await press.readWhenEnded.remote()) === 10 ? 'yes' : 'no');
