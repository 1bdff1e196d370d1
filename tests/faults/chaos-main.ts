/**
 * Kills things, and asks after it whether anything was lost.
 *
 *   npm run test:chaos -- [--kills 60] [--seed 1] [--doubles 0]     random SIGKILLs with 20 jobs in flight
 *   npm run test:chaos -- --matrix [--only K7[:launcher]]           every fault point × every victim
 *   npm run test:chaos -- --disk                                    EIO and ENOSPC at every write and sync
 *
 * Exit code 0: nothing was lost, duplicated, wrong, left behind or innocent; 1: something was, and the seed of its round
 * or its cell is printed; 2: called wrongly.
 */
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';
import { runDiskFaults } from './disk-faults.ts';
import { MATRIX, MatrixFleet } from './matrix.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    doubles: { type: 'string', default: '0' },
    matrix: { type: 'boolean', default: false },
    disk: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

function toCount(name: 'kills' | 'seed' | 'doubles'): number {
  const count = Number(values[name]);
  if (Number.isInteger(count) && count >= 0) return count;
  console.error(`Cannot run chaos with --${name} ${JSON.stringify(values[name])}: expected a whole number`);
  process.exit(2);
}

/** All cells, one after the other; after one that fails the next has a fleet of its own. */
async function runMatrix(only: string | undefined): Promise<boolean> {
  const isMeant = (name: string) => only === undefined || name === only || name.startsWith(`${only}:`);
  const cells = MATRIX.map((cell) => ({ ...cell, name: `${cell.point}:${cell.victim}` })).filter(({ name }) =>
    isMeant(name),
  );
  let passed = 0;
  for (let next = 0; next < cells.length; ) {
    await using fleet = await MatrixFleet.open();
    try {
      for (; next < cells.length; next++) {
        await fleet.run(cells[next]!);
        passed++;
        console.log(`${cells[next]!.name} holds`);
      }
    } catch (error) {
      console.log(`${cells[next]!.name} FAILS: ${error instanceof Error ? error.stack : error}`);
      console.log(`again: npm run test:chaos -- --matrix --only ${cells[next]!.name}`);
      next++;
    }
  }
  console.log(`${passed} of ${cells.length} cells hold`);
  return passed === cells.length;
}

async function run(): Promise<boolean> {
  if (values.matrix) return runMatrix(values.only);
  if (values.disk) return runDiskFaults(console.log);
  return runChaos({ kills: toCount('kills'), seed: toCount('seed'), doubles: toCount('doubles') }, console.log);
}

process.exitCode = (await run()) ? 0 : 1;
