/** `heddle list …`: the state API's rows, as a table, as fields or as JSON. */
import { STATE_COLUMNS, STATE_RESOURCES, type StateFilter, type StateResource } from '@heddle/api';
import { Argument, Command } from 'commander';
import {
  addressOption,
  type ConnectionFlags,
  connect,
  jsonOption,
  type OutputFlags,
  parseCount,
  parseFilter,
} from './options.ts';
import type { Shell } from './shell.ts';
import { type Column, toFields, toTable } from './table.ts';
import { printable } from './terminal.ts';

interface ListFlags extends ConnectionFlags, OutputFlags {
  readonly detail?: true;
  readonly limit?: number;
  readonly filter?: StateFilter[];
}

type Row = Readonly<Record<string, unknown>>;

/** What the table shows; `--detail` and `--json` show all. */
const SHOWN: Readonly<Record<StateResource, readonly string[]>> = {
  actors: ['actor_id', 'class_name', 'state', 'name', 'worker_id', 'pid'],
  workers: ['worker_id', 'role', 'is_alive', 'thread_id', 'num_actors', 'busy_ms', 'pid'],
  jobs: ['submission_id', 'status', 'error_type', 'entrypoint'],
  nodes: STATE_COLUMNS.nodes.always,
};

const EXAMPLES = `
Examples:
  heddle list actors --filter state=ALIVE
  heddle list workers --detail
  heddle list jobs --filter status!=SUCCEEDED --json`;

export function listCommand(shell: Shell): Command {
  return new Command('list')
    .description('list actors, workers (threads), jobs or nodes')
    .addArgument(new Argument('<resource>', 'what to list').choices(STATE_RESOURCES))
    .option('--detail', 'every column, one a line')
    .option('--limit <rows>', 'at most so many rows (default: 100)', parseCount)
    .option('--filter <column=VALUE>', 'only rows with (=) or without (!=) this value; may be repeated', parseFilter)
    .addOption(addressOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((resource: StateResource, flags: ListFlags) => list(shell, resource, flags));
}

async function list(shell: Shell, resource: StateResource, flags: ListFlags): Promise<void> {
  const { out } = shell;
  const detail = flags.detail !== undefined;
  const { limit, filter } = flags;
  const { result, num_filtered } = await connect(flags, shell).listState<Row>(resource, {
    limit,
    detail,
    filters: filter,
  });
  if (flags.json !== undefined) return out.json(result);
  if (result.length === 0) return out.line(`No ${resource}`);
  const lines = detail ? result.flatMap((row) => [...fieldsOf(row, shell), '']) : tableOf(resource, result, shell);
  for (const line of lines) await out.line(line);
  if (num_filtered > result.length) await out.line(`${result.length} of ${num_filtered}; --limit shows more`);
}

function tableOf(resource: StateResource, rows: readonly Row[], { out }: Shell): string[] {
  const columns = SHOWN[resource].map(
    (name): Column<Row> => ({
      title: name.toUpperCase(),
      value: (row) => textOf(row[name]),
      isFlexible: name === 'entrypoint' || name === 'name',
    }),
  );
  return toTable(columns, rows, out.columns, (text) => out.style('bold', text));
}

const fieldsOf = (row: Row, { out }: Shell): string[] =>
  toFields(
    Object.entries(row).map(([name, value]) => [name, textOf(value)]),
    (name) => out.style('dim', name),
  );

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
