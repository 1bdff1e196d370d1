/**
 * `npm run bench:ray [-- --quick --rounds N --json FILE --write-docs]`
 *
 * The shapes of Ray's microbenchmark and its jobs, in Heddle and in real Ray 2.58.0 on the same machine, in turn.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runArm, runPython } from './child.ts';
import { CommandLineError, readCommandLine } from './command-line.ts';
import { describeMachine, machineLine } from './machine.ts';
import { Progress } from './progress.ts';
import { findRayPython } from './ray-python.ts';
import { PERFORMANCE } from './report/docs.ts';
import { replaceBetween } from './report/markers.ts';
import { type Comparison, comparisonMarkdown, comparisonText } from './report/ray-table.ts';
import { openResults } from './report/results.ts';
import { summary } from './runner.ts';
import { Scratch } from './scratch.ts';
import type { Arm, Figures, Plan } from './workload.ts';

const DEFAULT_JSON = fileURLToPath(new URL('../results/ray.json', import.meta.url));

const PAIRS = [
  { title: "shapes of Ray's microbenchmark, operations/s (put: GB/s)", heddle: 'ray-shapes.ts', ray: 'shapes.py' },
  { title: 'jobs', heddle: 'jobs-daemon.ts', ray: 'jobs.py' },
] as const;

function request() {
  try {
    const asked = readCommandLine(process.argv.slice(2), []);
    if (asked.only === undefined) return asked;
    console.log(
      'Usage: npm run bench:ray [-- --quick --rounds N --json FILE --write-docs]\nHEDDLE_RAY_PYTHON names a Python that has Ray 2.58.0; without it one is installed in the cache folder.',
    );
    process.exit(0);
  } catch (error) {
    if (!(error instanceof CommandLineError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

const asked = request();
const rounds = process.argv.includes('--rounds') ? asked.rounds : asked.isQuick ? 1 : 3;
const plan: Plan = asked.isQuick
  ? { warmUpMs: 300, measureMs: 700, isQuick: true }
  : { warmUpMs: 500, measureMs: 1500, isQuick: false };
const machine = describeMachine();
const progress = new Progress(process.stderr);
const json = openResults(asked.json ?? DEFAULT_JSON);
using scratch = Scratch.make();
const python = await findRayPython(process.env);
const comparisons: Comparison[] = [];
console.log(machineLine(machine));
for (const { title, heddle, ray } of PAIRS) {
  const arm: Arm = { name: 'Heddle', side: 'heddle', program: heddle };
  const found = { heddle: [] as Figures[], ray: [] as Figures[] };
  const failures: { heddle?: string; ray?: string } = {};
  for (let round = 1; round <= rounds; round++) {
    for (const side of ['heddle', 'ray'] as const) {
      progress.show(`${title} · round ${round} of ${rounds} · ${side}`);
      try {
        found[side].push(
          await (side === 'heddle' ? runArm(arm, plan, scratch) : runPython(python, ray, plan, scratch)),
        );
      } catch (error) {
        failures[side] = (error as Error).message;
      }
    }
  }
  progress.clear();
  const comparison: Comparison = {
    title,
    heddle: summary(arm, found.heddle, failures.heddle),
    ray: summary({ name: 'Ray 2.58.0', side: 'peer' }, found.ray, failures.ray),
  };
  console.log(`\n${comparisonText(comparison)}`);
  comparisons.push(comparison);
}

const run = { at: new Date().toISOString(), machine, rounds, isQuick: asked.isQuick, comparisons };
await writeFile(json, `${JSON.stringify(run, null, 2)}\n`);
console.log(`\nResults in ${json}`);
if (asked.writesDocs) {
  const head = `${run.at.slice(0, 10)}; ${machineLine(machine)}; medians of ${rounds} rounds.`;
  const section = [head, ...comparisons.map(comparisonMarkdown)].join('\n\n');
  await writeFile(PERFORMANCE, replaceBetween(await readFile(PERFORMANCE, 'utf8'), 'ray', section));
  console.log(`Tables in ${PERFORMANCE}`);
}
const failures = comparisons
  .flatMap(({ heddle, ray }) => [heddle.failure, ray.failure])
  .filter((each) => each !== undefined);
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
