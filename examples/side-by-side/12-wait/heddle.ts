/**
 * `wait` tells which refs are ready: those and the rest, both in the order given, without throwing for a failed one.
 *
 * It is how a program takes results as they come instead of in the order in which it asked for them.
 */
import { init, type ObjectRef, wait } from 'heddle';
import { Ferry } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const ferry = Ferry.remote();
const names = ['Anna', 'Berta', 'Clara'];
const crossings = new Map(names.map((name) => [ferry.cross.remote(name), name]));
let pending = [...crossings.keys()];

function show([ready, rest]: readonly (readonly ObjectRef<string>[])[]): void {
  const namesOf = (refs: readonly ObjectRef<string>[] = []) => refs.map((ref) => crossings.get(ref)!);
  console.log(['ready:', ...namesOf(ready), '| rest:', ...namesOf(rest)].join(' '));
}

show(await wait(pending, { timeoutMs: 0 }));
for (const name of ['Clara', 'Berta']) {
  ferry.land.remote(name);
  const [ready, rest] = await wait(pending, { numReturns: 1 });
  show([ready, rest]);
  pending = rest;
}
show(await wait(pending, { numReturns: 1, timeoutMs: 50 }));
await ferry.land.remote('Anna');
show(await wait([...crossings.keys()], { numReturns: 3 }));
