/**
 * What a method throws arrives at the caller as one error of the runtime, whose cause is the error that was thrown.
 *
 * It stays one however many calls it passes through, and keeps class, message and fields. The actor goes on.
 */
import { init, TaskError } from 'heddle';
import { OutOfStock, Shop, Store } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const store = Store.remote();
const shop = Shop.remote(store);
try {
  await shop.order.remote('apples', 3);
} catch (error) {
  if (!(error instanceof TaskError && error.cause instanceof OutOfStock)) throw error;
  const { cause } = error;
  console.log('cause:', cause.constructor.name);
  console.log('message:', cause.message);
  console.log('fields:', cause.item, cause.left);
  console.log('cause of the cause:', cause.cause === undefined ? 'none' : 'another error of the runtime');
}
console.log('the actor goes on:', await shop.order.remote('apples', 2));
