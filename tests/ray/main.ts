/**
 * `npm run test:ray`: runs both sides of each pair of `examples/side-by-side`, and compares their transcripts.
 *
 * The two sides run beside each other: Ray's in one Python process, Heddle's as programs of their own. Ends with
 * "N passed, N failed", a pair being one; the exit code is 0 only if all passed.
 *
 * Ray itself is not under test: a program of its side that fails is run once more, at the end, in a new Ray instance.
 */
import { parseArgs } from 'node:util';
import { type Run, runExample } from '../support/run-example.ts';
import { listPairs, type Pair } from './pairs.ts';
import { openRayEnvironment, RayEnvironmentError } from './ray-environment.ts';
import { runRayPrograms } from './ray-side.ts';
import { judge } from './verdict.ts';

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

/** What came of one side. */
interface Side {
  /** What was wrong; undefined: nothing. */
  readonly problem: string | undefined;
  readonly durationMs: number;
}

interface Row {
  readonly pair: Pair;
  readonly heddle: Side;
  /** Undefined: it was left out. */
  ray: Side | undefined;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

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
  const rows: Row[] = [];
  await using rayRuns = python === undefined ? undefined : runRaySide(python, pairs);
  for (const pair of pairs) {
    const [ray, heddle] = await Promise.all([nextRun(rayRuns), runExample(pair.heddleProgram)]);
    const row = { pair, heddle: toSide(pair.expectedOfHeddle, heddle), ray: ray && toSide(pair.expectedOfRay, ray) };
    rows.push(row);
    show(row, rows.length, pairs.length);
  }
  if (python !== undefined) await runAgain(python, rows);
  return rows;
}

async function runAgain(python: string, all: readonly Row[]): Promise<void> {
  const rows = all.filter(({ ray }) => ray?.problem !== undefined);
  if (rows.length === 0) return;
  say(`Once more, in a new Ray instance: Ray's side of ${rows.map(({ pair }) => pair.name).join(', ')}`);
  await using runs = runRaySide(
    python,
    rows.map(({ pair }) => pair),
  );
  for (const [at, row] of rows.entries()) {
    row.ray = toSide(row.pair.expectedOfRay, (await nextRun(runs))!);
    show(row, at + 1, rows.length);
  }
}

const runRaySide = (python: string, pairs: readonly Pair[]): AsyncGenerator<Run> =>
  runRayPrograms(
    python,
    pairs.map(({ rayProgram }) => rayProgram),
  );

/** Never rejects: a runner that fails is the failure of each program that it has not run. */
async function nextRun(runs: AsyncGenerator<Run> | undefined): Promise<Run | undefined> {
  if (runs === undefined) return undefined;
  try {
    const { value, done } = await runs.next();
    return done ? { output: '', error: 'it was not run: the runner has ended', durationMs: 0 } : value;
  } catch (error) {
    return { output: '', error: (error as Error).message, durationMs: 0 };
  }
}

const toSide = (expected: string, run: Run): Side => ({ problem: judge(expected, run), durationMs: run.durationMs });

const hasFailed = ({ ray, heddle }: Row): boolean => ray?.problem !== undefined || heddle.problem !== undefined;

function show(row: Row, number: number, count: number): void {
  say(`[${number}/${count}] ${row.pair.name}: ${hasFailed(row) ? 'FAILED' : 'passed'}`);
  for (const [name, side] of [
    ['Ray', row.ray],
    ['Heddle', row.heddle],
  ] as const) {
    if (side?.problem !== undefined) say(`  ${name}: ${excerpt(side.problem)}`);
  }
}

const LINES_SHOWN = 12;

const excerpt = (problem: string): string => problem.trim().split('\n').slice(0, LINES_SHOWN).join('\n    ');

function summarise(rows: readonly Row[]): number {
  const width = Math.max(...rows.map(({ pair }) => pair.name.length));
  const line = (name: string, ray: string, heddle: string, sameness: string): void =>
    say(`${name.padEnd(width)}  ${ray.padEnd(15)}  ${heddle.padEnd(15)}  ${sameness}`);
  say('');
  line('pair', 'Ray', 'Heddle', 'transcripts');
  for (const { pair, ray, heddle } of rows)
    line(pair.name, cell(ray), cell(heddle), pair.differs ? 'differ on purpose' : 'the same');
  const failed = rows.filter(hasFailed).length;
  say('');
  say(`${rows.length - failed} passed, ${failed} failed`);
  return failed === 0 ? Exit.passed : Exit.failed;
}

function cell(side: Side | undefined): string {
  if (side === undefined) return '–';
  return `${side.problem === undefined ? 'ok' : 'FAILED'} ${String(Math.round(side.durationMs)).padStart(5)} ms`;
}

process.exitCode = await main(process.argv.slice(2));
