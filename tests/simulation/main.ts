/**
 * Runs many schedules of the simulation and says of the first that went wrong what happened in it.
 *
 *   npm run sim -- [--seeds 1000] [--from 1] [--seed N] [--bug NAME] [--trace]
 *
 * Exit code 0: none went wrong; 1: one did, and its seed and trace are printed; 2: called wrongly.
 */
import { parseArgs } from 'node:util';
import { BUG_NAMES, BUGS, type BugName } from './bugs.ts';
import { simulate, type Verdict } from './world.ts';

const TRACE_LINES = 200;
const PROGRESS_MS = 2_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    bug: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

function toCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0) return count;
  console.error(`Cannot simulate with --${name} ${JSON.stringify(text)}: expected a whole number`);
  process.exit(2);
}

function toBug(name: string | undefined): BugName | undefined {
  if (name === undefined || Object.hasOwn(BUGS, name)) return name as BugName | undefined;
  console.error(`Cannot plant bug ${JSON.stringify(name)}: expected one of ${BUG_NAMES.join(', ')}`);
  process.exit(2);
}

async function explain({ seed, failure }: Verdict, bug: BugName | undefined): Promise<void> {
  const { trace } = await simulate(seed, { bug, traces: true });
  console.log(trace.slice(-TRACE_LINES).join('\n'));
  console.log(`\nseed ${seed}: ${failure!.message}`);
  console.log(`again: npm run sim -- --seed ${seed}${bug === undefined ? '' : ` --bug ${bug}`}`);
}

async function main(): Promise<number> {
  const bug = toBug(values.bug);
  const from = toCount('seed', values.seed ?? values.from);
  const count = values.seed === undefined ? toCount('seeds', values.seeds) : 1;
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
