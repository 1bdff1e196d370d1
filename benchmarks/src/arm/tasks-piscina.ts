/** Piscina with as many workers as cores, by the number of tasks that a worker takes at once. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { measure, microsecondsEach, perSecond, Tally } from './measure.ts';
import { runArmProgram } from './program.ts';
import { inFlight, oneAtATime } from './shapes.ts';

await runArmProgram(async (plan, { shape, tasksPerWorker }) => {
  const pool = new Piscina({
    filename: fileURLToPath(new URL('../carriers/workers/square.ts', import.meta.url)),
    minThreads: availableParallelism(),
    maxThreads: availableParallelism(),
    concurrentTasksPerWorker: tasksPerWorker as number,
  });
  const tally = new Tally();
  const call = (index: number): Promise<number> => pool.run(index % 1000);
  const isOneAtATime = shape === 'one at a time';
  const piece = isOneAtATime ? oneAtATime(call, tally) : inFlight(1000, call, tally);
  const measured = await measure(plan, piece);
  let sum = 0;
  for (let i = 0; i < tally.answers; i++) sum += (i % 1000) ** 2;
  tally.checkSum(sum);
  await pool.destroy();
  return isOneAtATime ? microsecondsEach(measured, tally) : perSecond(measured, tally);
});
