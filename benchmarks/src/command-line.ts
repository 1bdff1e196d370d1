/** What the command line asks for. Pure: a wrong one is a `CommandLineError` that says what to write instead. */
import { parseArgs } from 'node:util';
import type { Workload } from './workload.ts';

export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}

export interface Request {
  readonly workloads: readonly Workload[];
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly json: string | undefined;
  readonly writesDocs: boolean;
  readonly only: 'list' | 'help' | undefined;
}

export const HELP = `Usage: npm run bench [-- [WORKLOAD|GROUP...] [options]]

Without a name all workloads run. Each arm runs in a fresh process, the arms of a workload in turn.

  --quick         3 rounds, shorter ones: for a look, not for a figure to quote
  --rounds N      how many rounds (default 5; 3 with --quick)
  --json FILE     where the results go (default benchmarks/results/latest.json)
  --write-docs    put tables and charts into docs/performance.md and docs/charts
  --list          the workloads by group
  --help          this text

Exit code: 0 when every arm gave a figure or is not available, 1 when one failed, 2 for a wrong command line.`;

export function readCommandLine(args: readonly string[], workloads: readonly Workload[]): Request {
  const { values, positionals } = parse(args);
  const isQuick = values.quick === true;
  const rounds = Number(values.rounds ?? (isQuick ? 3 : 5));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new CommandLineError(`Cannot run "${values.rounds}" rounds: expected an integer of 1 or more`);
  for (const name of positionals) {
    if (!workloads.some((each) => each.name === name || each.group === name))
      throw new CommandLineError(`Cannot run benchmark "${name}": no workload or group has that name; see --list`);
  }
  return {
    workloads: workloads.filter(
      ({ name, group }) => positionals.length === 0 || positionals.includes(name) || positionals.includes(group),
    ),
    isQuick,
    rounds,
    json: values.json,
    writesDocs: values['write-docs'] === true,
    only: values.help === true ? 'help' : values.list === true ? 'list' : undefined,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        json: { type: 'string' },
        'write-docs': { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    const [fact] = (error as Error).message.split(/[.\n]/, 1); // What follows is about "--", which npm has taken.
    throw new CommandLineError(`Cannot read the command line: ${fact}; see --help`);
  }
}

/** Counts given in this order, with these defaults. A wrong one ends the program with 2, `--help` with 0. */
export function readCounts<const Defaults extends readonly number[]>(
  usage: string,
  defaults: Defaults,
): { readonly [At in keyof Defaults]: number } {
  const given = process.argv.slice(2);
  if (given.includes('--help')) {
    console.log(`Usage: ${usage}\nDefaults: ${defaults.join(', ')}`);
    process.exit(0);
  }
  const wrong = given.find((text, at) => at >= defaults.length || !/^[1-9]\d{0,8}$/.test(text));
  if (wrong !== undefined) {
    console.error(`Cannot run with ${JSON.stringify(wrong)}: expected counts of 1 or more; usage: ${usage}`);
    process.exit(2);
  }
  return defaults.map((each, at) => Number(given[at] ?? each)) as { [At in keyof Defaults]: number };
}

export function listOf(workloads: readonly Workload[]): string {
  const width = Math.max(...workloads.map((each) => each.name.length));
  return [...Map.groupBy(workloads, (each) => each.group)]
    .map(([group, members]) =>
      [group, ...members.map((each) => `  ${each.name.padEnd(width)}  ${each.title} [${each.unit}]`)].join('\n'),
    )
    .join('\n\n');
}
