/** An async actor in which 1,000 calls wait at once for the last of them. */
import { init } from 'heddle';
import { Meeting } from '../actors/meeting.ts';
import { measure, perSecond, Tally } from './measure.ts';
import { runArmProgram } from './program.ts';
import { inFlight } from './shapes.ts';

const AT_ONCE = 1000;

await runArmProgram(async (plan) => {
  await using _runtime = await init();
  const meeting = Meeting.remote(AT_ONCE);
  const tally = new Tally();
  const measured = await measure(
    plan,
    inFlight(AT_ONCE, () => meeting.enter.remote(), tally),
  );
  tally.checkCounted();
  return perSecond(measured, tally);
});
