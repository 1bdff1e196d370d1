/**
 * With `maxTaskRetries` a call that ran when its actor died is run again by the actor made anew: at least once.
 *
 * So a call that is retried should do no harm when it is done twice. Another actor counts the attempts. (An actor
 * that may crash gets a thread of its own here: a crash ends all actors of its thread.)
 */
import { init } from 'heddle';
import { Stuntman, Witness } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const witness = Witness.remote();
const stuntman = Stuntman.options({ maxRestarts: -1, maxTaskRetries: 2, isolation: 'thread' }).remote();
console.log('landed at attempt:', await stuntman.jump.remote(witness, 2));
console.log('waves once:', await stuntman.wave.remote(witness));
console.log('attempts in all:', (await witness.saw.remote('jump')) - 1);
