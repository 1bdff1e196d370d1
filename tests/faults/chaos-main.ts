/**
 * `npm run test:chaos`: kills things, and asks after it whether anything was lost. `USAGE` says how.
 *
 * Interrupted, it kills everything of its own and leaves no file.
 */
import { clearUpWhenInterrupted } from '../support/interruption.ts';
import { readCount, readOptions, refuse } from '../support/program-options.ts';
import { runChaos } from './chaos.ts';
import { runDiskFaults } from './disk-faults.ts';
import { Fleet } from './fleet.ts';
import { MATRIX, MatrixFleet } from './matrix.ts';

const ACTION = 'run chaos';
const USAGE = `Usage: npm run test:chaos -- [--kills 60] [--seed 1] [--doubles 0]
       npm run test:chaos -- --matrix [--only K7[:launcher]]
       npm run test:chaos -- --disk

  --kills N       so many random SIGKILLs, with 20 jobs in flight; the default is 60
  --doubles N     so many daemons that are killed, and their successor or its launcher while it recovers (default 0)
  --seed N        the same lots again (default 1)
  --matrix        instead: every fault point × every victim; --only names a point, or one cell
  --disk          instead: EIO and ENOSPC at every write and sync, by strace
  --help          this text

Exit code 0: nothing was lost, duplicated, wrong, left behind or innocent; 1: something was, and the seed of its round or
its cell is printed; 2: called wrongly.`;

const values = readOptions(ACTION, USAGE, {
  kills: { type: 'string', default: '60' },
  seed: { type: 'string', default: '1' },
  doubles: { type: 'string', default: '0' },
  matrix: { type: 'boolean', default: false },
  disk: { type: 'boolean', default: false },
  only: { type: 'string' },
});

let isInterrupted = false;

/** What is killed while it is interrupted is not worth a word. */
function say(line: string): void {
  if (!isInterrupted) console.log(line);
}

/** The cells that `--only` means. */
function cellsOf(only: string | undefined) {
  const cells = MATRIX.map((cell) => ({ ...cell, name: `${cell.point}:${cell.victim}` }));
  const meant = cells.filter(({ point, name }) => only === undefined || name === only || point === only);
  if (meant.length > 0) return meant;
  return refuse(
    `Cannot ${ACTION} with --only ${JSON.stringify(only)}: expected a point, as K7, or a cell, as K7:daemon`,
  );
}

/** All cells, one after the other; after one that fails the next has a fleet of its own. */
async function runMatrix(cells: ReturnType<typeof cellsOf>): Promise<boolean> {
  let passed = 0;
  for (let next = 0; next < cells.length; ) {
    await using fleet = await MatrixFleet.open();
    try {
      for (; next < cells.length; next++) {
        await fleet.run(cells[next]!);
        passed++;
        say(`${cells[next]!.name} holds`);
      }
    } catch (error) {
      say(`${cells[next]!.name} FAILS: ${error instanceof Error ? error.stack : error}`);
      say(`again: npm run test:chaos -- --matrix --only ${cells[next]!.name}`);
      next++;
    }
  }
  say(`${passed} of ${cells.length} cells hold`);
  return passed === cells.length;
}

async function run(): Promise<boolean> {
  if (values.only !== undefined && !values.matrix) refuse(`Cannot ${ACTION} with --only: it goes with --matrix`);
  if (values.matrix && values.disk) refuse(`Cannot ${ACTION} with both --matrix and --disk: one at a time`);
  if (values.matrix) return runMatrix(cellsOf(values.only));
  if (values.disk) return runDiskFaults(say);
  const [kills, doubles] = [countOf('kills'), countOf('doubles')];
  if (kills + doubles === 0) refuse(`Cannot ${ACTION} without a kill: give --kills or --doubles`);
  return runChaos({ kills, doubles, seed: countOf('seed') }, say);
}

const countOf = (name: 'kills' | 'doubles' | 'seed') => readCount(ACTION, name, values[name]);

let clearingUp: Promise<void> | undefined;
clearUpWhenInterrupted(() => {
  isInterrupted = true;
  clearingUp = Fleet.abandonAll();
  return clearingUp;
});
/** What fails because its fleet is gone says nothing, and must not end the program before all is cleared up. */
const holds = await run().catch((error: unknown) => {
  if (clearingUp === undefined) throw error;
  return false;
});
await clearingUp;
process.exitCode = holds ? 0 : 1;
