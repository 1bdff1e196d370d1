/** Calls of one function with state in another thread, by any carrier, in either shape. */
import type { RuntimeOptions } from 'heddle';
import { CARRIERS } from '../carriers/carriers.ts';
import { measure, microsecondsEach, perSecond, Tally } from './measure.ts';
import { runArmProgram } from './program.ts';
import { inFlight, oneAtATime } from './shapes.ts';
import { makeValue, type ValueName } from './values.ts';

await runArmProgram(async (plan, { carrier: name, shape, value: valueName, isAsync, latency }) => {
  const { open } = await CARRIERS[name as string]!();
  const carrier = await open({ isAsync: isAsync === true, latency: latency as RuntimeOptions['latency'] });
  const value = makeValue(valueName as ValueName);
  const tally = new Tally();
  const call = () => carrier.take(value);
  const isOneAtATime = shape === 'one at a time';
  const piece = isOneAtATime ? oneAtATime(call, tally) : inFlight(1000, call, tally);
  const measured = await measure(plan, piece, () => {
    tally.latenciesUs.length = 0;
  });
  tally.checkCounted();
  return isOneAtATime ? microsecondsEach(measured, tally) : perSecond(measured, tally);
});
