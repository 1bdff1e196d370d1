/**
 * A method that returns a ref. HERE RAY AND HEDDLE DIFFER.
 *
 * In Ray the caller gets a ref, and asks it for the value. In JavaScript a promise for a promise is a promise: the caller
 * in Heddle gets the value. A ref inside a value stays a ref in both.
 */
import { init, ObjectRef } from 'heddle';
import { Source, Well } from './actors.ts';

function show(what: string, value: unknown): void {
  console.log(what, value instanceof ObjectRef ? 'a ref' : value);
}

await using _runtime = await init({ workers: 2 });
const well = Well.remote(Source.remote());
show('returned:', await well.draw.remote());
const { bucket } = await well.fill.remote();
show('in a value:', bucket);
show('and it names:', await bucket);
