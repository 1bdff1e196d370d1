/** `heddle status`: what the daemon says of itself. */
import type { DaemonStatus, QueueCounts, ResourceAmounts } from '@heddle/api';
import { Command } from 'commander';
import { toDuration } from './duration.ts';
import { addressOption, type ConnectionFlags, connect, jsonOption, type OutputFlags } from './options.ts';
import { toSize } from './quantity.ts';
import type { Shell } from './shell.ts';
import { toFields } from './table.ts';
import { printable } from './terminal.ts';

export function statusCommand(shell: Shell): Command {
  return new Command('status')
    .description('show the state of the daemon')
    .addOption(addressOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  heddle status --json')
    .action(async (flags: ConnectionFlags & OutputFlags) => {
      const client = connect(flags, shell);
      const status = await client.getStatus();
      if (flags.json !== undefined) return shell.out.json({ ...status, address: client.address });
      const { out, clock } = shell;
      await out.line(`Heddle ${status.version} is ${out.style('bold', status.state)} at ${client.address}`);
      for (const line of toFields(fieldsOf(status, clock.now()), (name) => out.style('dim', name)))
        await out.line(`  ${line}`);
      for (const problem of status.problems) await out.line(out.style('yellow', `  problem: ${printable(problem)}`));
    });
}

function fieldsOf(status: DaemonStatus, nowMs: number): [string, string][] {
  const { launcherPid, containment, supervisors, recovery, queue, resources } = status;
  return [
    [
      'process',
      `${status.pid}, up ${toDuration(nowMs - status.startedAtMs)}, ${status.threads} threads, ${status.actors} actors`,
    ],
    ['directory', printable(status.directory)],
    ['launcher', launcherPid === null ? 'none' : `process ${launcherPid}, containment by ${containment}`],
    ['jobs', status.jobs === null ? '' : countsOf({ ...status.jobs })],
    ['queue', queue === null ? '' : queueOf(queue)],
    ['resources', resources === null ? '' : resourcesOf(resources)],
    ['supervisors', supervisors === null ? '' : countsOf({ ...supervisors })],
    ['recovery', recovery === null ? '' : recoveryOf(recovery)],
    ['orphans', status.orphans === null ? '' : countsOf({ ...status.orphans })],
  ];
}

function queueOf({ waiting, unsatisfiable, maxRunningJobs }: QueueCounts): string {
  const never = unsatisfiable === 0 ? '' : ` (${unsatisfiable} for more than this daemon has)`;
  return `${waiting} waiting${never}, at most ${maxRunningJobs} jobs run at once`;
}

/** "1 of 8 CPU, 0 of 1 tape"; what there is none of is not told. */
function resourcesOf({ total, used }: ResourceAmounts): string {
  const amountOf = (name: string, amount: number) =>
    name === 'memory'
      ? toSize(amount)
      : amount.toLocaleString('en-US', { maximumFractionDigits: 4, useGrouping: false });
  return Object.entries(total)
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => `${amountOf(name, used[name] ?? 0)} of ${amountOf(name, amount)} ${printable(name)}`)
    .join(', ');
}

function recoveryOf({ durationMs, ...counts }: NonNullable<DaemonStatus['recovery']>): string {
  return `${countsOf(counts)}, in ${Math.round(durationMs)} ms`;
}

/** "2 running, 5 succeeded"; what is none is not told. */
function countsOf(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? 'none' : some.map(([name, count]) => `${count} ${name.toLowerCase()}`).join(', ');
}
