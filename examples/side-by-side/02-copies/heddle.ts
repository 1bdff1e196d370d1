/**
 * Arguments are copied when the call is made, results when the method returns: nobody sees a later change.
 *
 * What is shared within one argument stays shared there; two arguments share nothing, even if they were one object.
 */
import { init } from 'heddle';
import { Shelf } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const shelf = Shelf.remote();

const box = { things: ['hat'] };
const kept = shelf.keep.remote(box);
box.things.push('changed by the caller after the call');
const result = await kept;
await shelf.add.remote('coat');
console.log('the actor has:', ...(await shelf.show.remote()).things);
console.log('the caller got:', ...result.things);

const thing = {};
console.log('two arguments are one object:', (await shelf.isOneObject.remote(thing, thing)) ? 'yes' : 'no');
console.log('shared within an argument:', (await shelf.isSharedWithin.remote([thing, thing])) ? 'yes' : 'no');
