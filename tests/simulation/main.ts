/**
 * `npm run sim`: runs many schedules of the simulation, and says of the first that went wrong what happened in it.
 * `USAGE` says how.
 */
import { readCount, readOptions, refuse } from '../support/program-options.ts';
import { BUG_NAMES, BUGS, type BugName } from './bugs.ts';
import { simulate, type Verdict } from './world.ts';

const TRACE_LINES = 200;
const PROGRESS_MS = 2_000;

const ACTION = 'simulate';
const USAGE = `Usage: npm run sim -- [--seeds 1000] [--from 1] [--bug NAME]
       npm run sim -- --seed N [--bug NAME] [--trace]

  --seeds N       so many schedules (default 1000); --from says the seed of the first (default 1)
  --seed N        the one schedule of this seed
  --bug NAME      with this bug planted, which must be found: one of
                  ${BUG_NAMES.join('\n                  ')}
  --trace         print what happens, event by event
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

async function explain({ seed, failure }: Verdict, bug: BugName | undefined): Promise<void> {
  const { trace } = await simulate(seed, { bug, traces: true });
  console.log(trace.slice(-TRACE_LINES).join('\n'));
  console.log(`\nseed ${seed}: ${failure!.message}`);
  console.log(`again: npm run sim -- --seed ${seed}${bug === undefined ? '' : ` --bug ${bug}`}`);
}

async function main(): Promise<number> {
  const bug = toBug(values.bug);
  const isOne = values.seed !== undefined;
  const from = isOne ? readCount(ACTION, 'seed', values.seed!) : readCount(ACTION, 'from', values.from);
  const count = isOne ? 1 : readCount(ACTION, 'seeds', values.seeds, 1);
  const startedMs = performance.now();
  let toldMs = startedMs;
  let events = 0;
  let faults = 0;
  for (let seed = from; seed < from + count; seed++) {
    const verdict = await simulate(seed, { bug, traces: values.trace });
    if (values.trace) console.log(verdict.trace.join('\n'));
    events += verdict.events;
    faults += verdict.faults;
    if (verdict.failure !== undefined) {
      await explain(verdict, bug);
      return 1;
    }
    if (performance.now() - toldMs > PROGRESS_MS) {
      toldMs = performance.now();
      console.log(`${seed - from + 1} of ${count} schedules`);
    }
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const rate = Math.round(count / seconds);
  console.log(
    `${count} schedules from seed ${from}: ${events} events, ${faults} faults, nothing went wrong (${rate} a second)`,
  );
  return 0;
}

process.exitCode = await main();
