/** One `await` of a promise that is settled: the least that any `get` can cost. */
import { measure, microsecondsEach } from './measure.ts';
import { runArmProgram } from './program.ts';

await runArmProgram(async (plan) => {
  const settled = Promise.resolve(new Float64Array(1));
  return microsecondsEach(
    await measure(plan, async () => {
      for (let i = 0; i < 1000; i++) await settled;
      return 1000;
    }),
  );
});
