/**
 * `npm run bench [-- WORKLOAD… --quick --rounds N --json FILE --write-docs --list --help]`
 *
 * Prints a table for each workload as soon as it has run, and writes all results as JSON at the end.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { CommandLineError, HELP, listOf, type Request, readCommandLine } from './command-line.ts';
import { describeMachine, machineLine } from './machine.ts';
import { Progress } from './progress.ts';
import { PERFORMANCE, type Run, writeDocs } from './report/docs.ts';
import { openResults } from './report/results.ts';
import { type Paint, textTable } from './report/table.ts';
import { runWorkload, type WorkloadResult } from './runner.ts';
import { Scratch } from './scratch.ts';
import { WORKLOADS } from './workloads.ts';

const DEFAULT_JSON = fileURLToPath(new URL('../results/latest.json', import.meta.url));

const paint: Paint = {
  bold: (text) => styleText('bold', text, { stream: process.stdout }), // Plain where stdout is no terminal, or NO_COLOR is set.
  dim: (text) => styleText('dim', text, { stream: process.stdout }),
};

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // The reader has seen enough.
  throw error;
});

function request(): Request {
  try {
    return readCommandLine(process.argv.slice(2), WORKLOADS);
  } catch (error) {
    if (!(error instanceof CommandLineError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

const asked = request();
if (asked.only !== undefined) {
  console.log(asked.only === 'help' ? HELP : listOf(WORKLOADS));
  process.exit(0);
}

const json = openResults(asked.json ?? DEFAULT_JSON);
const machine = describeMachine();
using scratch = Scratch.make();
const startedAt = performance.now();
const progress = new Progress(process.stderr);
const results: WorkloadResult[] = [];
console.log(machineLine(machine));
for (const [index, workload] of asked.workloads.entries()) {
  const result = await runWorkload(workload, {
    ...asked,
    scratch,
    onArm: ({ name }, arm, round, rounds) =>
      progress.show(`${index + 1} of ${asked.workloads.length} · ${name} · round ${round} of ${rounds} · ${arm.name}`),
  });
  progress.clear();
  console.log(`\n${textTable(result, paint)}`);
  results.push(result);
}

const seconds = Math.round((performance.now() - startedAt) / 1000);
const run: Run = {
  at: new Date().toISOString(),
  machine,
  rounds: asked.rounds,
  isQuick: asked.isQuick,
  seconds,
  results,
};
await writeFile(json, `${JSON.stringify(run, null, 2)}\n`);
console.log(`\n${seconds} s; results in ${json}`);
if (asked.writesDocs) {
  await writeDocs(run);
  console.log(`Tables and charts in ${PERFORMANCE}`);
}
const failed = results.flatMap((result) => result.arms.filter((arm) => arm.failure !== undefined));
for (const arm of failed) console.error(arm.failure);
process.exitCode = failed.length === 0 ? 0 : 1;
