/** From the start of a process to its first answer by another thread, in milliseconds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median } from '../statistics.ts';
import { runArmProgram } from './program.ts';

await runArmProgram(async ({ isQuick }, { program }) => {
  const path = fileURLToPath(new URL(`../cold/${program}`, import.meta.url));
  const startsMs: number[] = [];
  for (let i = 0; i < (isQuick ? 3 : 7); i++) {
    const start = performance.now();
    const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    startsMs.push(performance.now() - start);
    if (first.toString().trim() !== '1') throw new Error(`Cannot trust this arm: the first answer was ${first}`);
    await exited;
  }
  return { value: median(startsMs.slice(1)) }; // The first filled the file cache.
});
