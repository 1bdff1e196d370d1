/** Remote functions, one at a time or 1,000 in flight. */
import { init, type RuntimeOptions } from 'heddle';
import { square } from '../actors/square.ts';
import { measure, microsecondsEach, perSecond, Tally } from './measure.ts';
import { runArmProgram } from './program.ts';
import { inFlight, oneAtATime } from './shapes.ts';

await runArmProgram(async (plan, { shape, tracing }) => {
  await using _runtime = await init({ tracing: tracing as RuntimeOptions['tracing'] });
  const tally = new Tally();
  const call = (index: number) => square.remote(index % 1000);
  const isOneAtATime = shape === 'one at a time';
  const piece = isOneAtATime ? oneAtATime(call, tally) : inFlight(1000, call, tally);
  const measured = await measure(plan, piece, () => {
    tally.latenciesUs.length = 0;
  });
  tally.checkSum(sumOfSquares(tally.answers));
  return isOneAtATime ? microsecondsEach(measured, tally) : perSecond(measured, tally);
});

/** Of 0, 1, … 999, 0, 1, … */
function sumOfSquares(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (i % 1000) ** 2;
  return sum;
}
