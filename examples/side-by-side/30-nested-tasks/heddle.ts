/**
 * A task may start tasks and wait for them: while it waits, it gives its processor back.
 *
 * So a tree of tasks much deeper than there are processors finishes. Here each sums a half of a list by two more.
 */
import { init } from 'heddle';
import { treeSum } from './actors.ts';

await using _runtime = await init({ numCpus: 2 });
console.log('sum by a tree of 31 tasks:', await treeSum.remote([...Array(16).keys()]));
