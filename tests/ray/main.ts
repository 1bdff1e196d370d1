/**
 * `npm run test:ray`: runs both sides of each pair of `examples/side-by-side`, and compares their transcripts.
 *
 * The two sides run beside each other: Ray's in one Python process, Heddle's as programs of their own. Ends with
 * "N passed, N failed", a pair being one; the exit code is 0 only if all passed.
 */
import { parseArgs } from 'node:util';
import { runHeddleProgram } from './heddle-side.ts';
import { listPairs, type Pair } from './pairs.ts';
import { openRayEnvironment, RayEnvironmentError } from './ray-environment.ts';
import { runRayPrograms } from './ray-side.ts';
import { judge, type Run } from './verdict.ts';

const HELP = `Usage: npm run test:ray -- [--only NN]... [--heddle-only]

Runs each pair of programs in examples/side-by-side, in Ray 2.58.0 and in Heddle, and compares what they print with the
transcript beside them.

  --only NN        only the pairs whose folder begins with NN; may be given more than once
  --heddle-only    leave Ray's side out: needs no Python
  --help           this text

Ray is installed once into a virtual environment in the user's cache folder (XDG_CACHE_HOME, else ~/.cache). The variable
HEDDLE_RAY_PYTHON names another Python to use, one that has ray==2.58.0.

Exit codes: 0 all passed, 1 some failed, 2 wrong usage, 3 no Ray to compare with.
`;

const Exit = { passed: 0, failed: 1, usage: 2, noRay: 3 } as const;

/** What was wrong with each side; undefined: nothing, null: it was left out. */
interface Row {
  readonly pair: Pair;
  readonly ray: string | undefined | null;
  readonly heddle: string | undefined;
  readonly rayMs: number;
  readonly heddleMs: number;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let pairs: Pair[];
  let heddleOnly: boolean;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        'heddle-only': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return Exit.passed;
    }
    heddleOnly = values['heddle-only'] ?? false;
    pairs = listPairs(values.only);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return Exit.usage;
  }
  try {
    const rows = await runPairs(pairs, heddleOnly ? undefined : await openRayEnvironment(say));
    return summarise(rows);
  } catch (error) {
    if (!(error instanceof RayEnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return Exit.noRay;
  }
}

/** Without a `python` Ray's side is left out. */
async function runPairs(pairs: readonly Pair[], python: string | undefined): Promise<Row[]> {
  const rayRuns =
    python === undefined
      ? undefined
      : runRayPrograms(
          python,
          pairs.map(({ rayProgram }) => rayProgram),
        );
  const rows: Row[] = [];
  for (const pair of pairs) {
    const [ray, heddle] = await Promise.all([nextRun(rayRuns), runHeddleProgram(pair.heddleProgram)]);
    const row = {
      pair,
      ray: ray === undefined ? null : judge(pair.expectedOfRay, ray),
      heddle: judge(pair.expectedOfHeddle, heddle),
      rayMs: ray?.durationMs ?? 0,
      heddleMs: heddle.durationMs,
    };
    rows.push(row);
    show(row, rows.length, pairs.length);
  }
  await rayRuns?.next(); // To its end: the Ray instance is gone when this returns.
  return rows;
}

async function nextRun(runs: AsyncGenerator<Run> | undefined): Promise<Run | undefined> {
  if (runs === undefined) return undefined;
  try {
    const { value, done } = await runs.next();
    if (!done) return value;
    return { output: '', error: 'it did not run: the runner has ended', durationMs: 0 };
  } catch (error) {
    return { output: '', error: (error as Error).message, durationMs: 0 };
  }
}

function show({ pair, ray, heddle }: Row, number: number, count: number): void {
  say(`[${number}/${count}] ${pair.name}: ${ray || heddle ? 'FAILED' : 'passed'}`);
  for (const [side, problem] of [
    ['Ray', ray],
    ['Heddle', heddle],
  ]) {
    if (problem) say(`  ${side}: ${problem.trim().replaceAll('\n', '\n    ')}`);
  }
}

function summarise(rows: readonly Row[]): number {
  const width = Math.max(...rows.map(({ pair }) => pair.name.length));
  const cell = (problem: string | undefined | null, ms: number): string =>
    problem === null ? '–' : `${problem === undefined ? 'ok' : 'FAILED'} ${String(Math.round(ms)).padStart(5)} ms`;
  say('');
  say(`${'pair'.padEnd(width)}  ${'Ray'.padEnd(15)}  ${'Heddle'.padEnd(15)}  transcripts`);
  for (const { pair, ray, heddle, rayMs, heddleMs } of rows) {
    const sameness = pair.differs ? 'differ on purpose' : 'the same';
    say(
      `${pair.name.padEnd(width)}  ${cell(ray, rayMs).padEnd(15)}  ${cell(heddle, heddleMs).padEnd(15)}  ${sameness}`,
    );
  }
  const failed = rows.filter(({ ray, heddle }) => ray || heddle).length;
  say('');
  say(`${rows.length - failed} passed, ${failed} failed`);
  return failed === 0 ? Exit.passed : Exit.failed;
}
