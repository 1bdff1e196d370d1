/**
 * `npm run sim`: runs many schedules of the simulation, and says of the first that went wrong what happened in it.
 * `USAGE` says how.
 */
import { readCount, readOptions, refuse } from '../support/program-options.ts';
import { BUG_NAMES, BUGS, type BugName } from './bugs.ts';
import { runSchedules } from './schedules.ts';
import { simulate } from './world.ts';

const TRACE_LINES = 200;
const PROGRESS_MS = 2_000;

const ACTION = 'simulate';
const USAGE = `Usage: npm run sim -- [--seeds 1000] [--from 1] [--bug NAME]
       npm run sim -- --seed N [--bug NAME] [--trace]

  --seeds N       so many schedules (default 1000); --from says the seed of the first (default 1)
  --seed N        the one schedule of this seed
  --bug NAME      with this bug planted, which must be found: one of
                  ${BUG_NAMES.join('\n                  ')}
  --trace         with --seed: print what happens, event by event
  --help          this text

Exit code 0: none went wrong; 1: one did, and its seed and trace are printed; 2: called wrongly.`;

const values = readOptions(ACTION, USAGE, {
  seeds: { type: 'string', default: '1000' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  bug: { type: 'string' },
  trace: { type: 'boolean', default: false },
});

function toBug(name: string | undefined): BugName | undefined {
  if (name === undefined || Object.hasOwn(BUGS, name)) return name as BugName | undefined;
  return refuse(`Cannot plant bug ${JSON.stringify(name)}: expected one of ${BUG_NAMES.join(', ')}`);
}

async function explain(seed: number, bug: BugName | undefined): Promise<void> {
  const { trace, failure } = await simulate(seed, { bug, traces: true });
  console.log(trace.slice(-TRACE_LINES).join('\n'));
  console.log(`\nseed ${seed}: ${failure!.message}`);
  console.log(`again: npm run sim -- --seed ${seed}${bug === undefined ? '' : ` --bug ${bug}`}`);
}

/** One schedule, here. Gives whether it went well. */
async function runOne(seed: number, bug: BugName | undefined): Promise<boolean> {
  const { trace, events, faults, failure } = await simulate(seed, { bug, traces: values.trace });
  if (values.trace) console.log(trace.join('\n'));
  if (failure === undefined)
    console.log(`the schedule of seed ${seed}: ${events} events, ${faults} faults, nothing went wrong`);
  else await explain(seed, bug);
  return failure === undefined;
}

async function runMany(from: number, count: number, bug: BugName | undefined): Promise<boolean> {
  const startedMs = performance.now();
  let toldMs = startedMs;
  const { events, faults, failedSeed } = await runSchedules({ from, count }, bug, (schedules) => {
    if (performance.now() - toldMs < PROGRESS_MS) return;
    toldMs = performance.now();
    console.error(`${schedules} of ${count} schedules`); // What stands on stdout depends on no clock.
  });
  if (failedSeed !== undefined) {
    await explain(failedSeed, bug);
    return false;
  }
  const rate = Math.round((1000 * count) / (performance.now() - startedMs));
  console.log(
    `${count} schedules from seed ${from}: ${events} events, ${faults} faults, nothing went wrong (${rate} a second)`,
  );
  return true;
}

if (values.trace && values.seed === undefined) refuse(`Cannot ${ACTION} with --trace: it goes with --seed`);
const bug = toBug(values.bug);
const isWell =
  values.seed === undefined
    ? await runMany(readCount(ACTION, 'from', values.from), readCount(ACTION, 'seeds', values.seeds, 1), bug)
    : await runOne(readCount(ACTION, 'seed', values.seed), bug);
process.exitCode = isWell ? 0 : 1;
