/**
 * A ref at the top of the arguments arrives as its value; a ref inside a value arrives as a ref.
 *
 * So a list of refs can be handed on without waiting for them or moving what they name: whoever needs the values
 * gets them. Here the actor gets the list before the values are there, and asks for the sum only later.
 */
import { init, put } from 'heddle';
import { Accountant, Gate } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const [gate, accountant] = [Gate.remote(), Accountant.remote()];
const bills = [10, 20, 30].map((amount) => gate.wait.remote(amount));
console.log('arrived as:', await accountant.take.remote(put(5), { bills }));
await gate.open.remote();
console.log('total:', await accountant.total.remote());
const [first] = await accountant.firstBill.remote();
console.log('a ref came back, and names:', await first);
