/**
 * An argument or a result that cannot be sent. HERE RAY AND HEDDLE DIFFER.
 *
 * Ray throws a `TypeError` at the call. In Heddle no call throws for what is wrong with a value: its ref fails, with the
 * path to the culprit. A result that cannot be sent fails its ref in both. No other call is touched.
 */
import { get, init, type ObjectRef, SerializationError } from 'heddle';
import { Clerk } from './actors.ts';

async function show(what: string, ref: ObjectRef): Promise<void> {
  console.log('the call returned a ref');
  try {
    await ref;
  } catch (error) {
    if (!(error instanceof SerializationError)) throw error;
    console.log(`${what}: ${error.name} at "${error.path}"`);
  }
}

await using _runtime = await init({ workers: 2 });
const clerk = Clerk.remote();
const before = clerk.take.remote({ text: 'before' });
await show('argument', clerk.take.remote({ options: { onDone: () => {} } }));
const after = clerk.take.remote({ text: 'after' });
console.log('the calls around it:', ...(await get([before, after])));
await show('result', clerk.give.remote());
