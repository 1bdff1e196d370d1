/**
 * An async actor may call itself, and actors may call each other in a circle: while a call awaits, others run.
 *
 * With one call at a time both would wait for ever, since the inner call would stand behind the outer one.
 */
import { get, init } from 'heddle';
import { Mathematician } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const [ada, emmy] = [Mathematician.remote(), Mathematician.remote()];
await get([ada.introduce.remote(ada, emmy), emmy.introduce.remote(emmy, ada)]);
console.log('10! =', await ada.factorial.remote(10));
console.log('is 7 even?', (await ada.isEven.remote(7)) ? 'yes' : 'no');
console.log('is 8 even?', (await ada.isEven.remote(8)) ? 'yes' : 'no');
