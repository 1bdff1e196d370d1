/**
 * Calls of one caller to one actor run in the order in which they were made; there is no order between callers.
 *
 * A call whose argument is not there yet holds back the later calls of its own caller, and of nobody else.
 */
import { init } from 'heddle';
import { Gate, Notebook, Writer } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const [notebook, gate, writer] = [Notebook.remote(), Gate.remote(), Writer.remote()];

for (let number = 0; number < 5; number++) notebook.write.remote(number);
console.log('in order:', ...(await notebook.read.remote()));

notebook.write.remote(gate.wait.remote('late')); // Its argument is not there yet:
const after = notebook.write.remote('after'); // this one waits behind it,
await writer.write.remote(notebook, 'other'); // another caller's does not.
await gate.open.remote();
await after;
console.log('held back:', ...(await notebook.read.remote()).slice(5));
