/** `heddle job …`: what can be done with jobs. */
import { isTerminal } from '@heddle/api';
import { Command } from 'commander';
import { UsageError } from './failure.ts';
import { followJob } from './follow.ts';
import { submitCommand } from './job-submit.ts';
import { jobColumns, jobFields, statusLine, stopLines } from './job-view.ts';
import {
  addressOption,
  type ConnectionFlags,
  connect,
  jsonOption,
  type OutputFlags,
  parseCount,
  parseOffset,
} from './options.ts';
import type { Shell } from './shell.ts';
import { toTable } from './table.ts';

type Flags = ConnectionFlags & OutputFlags;
type LogFlags = ConnectionFlags & { follow?: true; tail?: number; offset?: number; limit?: number };

export function jobCommand(shell: Shell): Command {
  return new Command('job')
    .description('submit jobs, look at them, stop them')
    .enablePositionalOptions()
    .addCommand(submitCommand(shell))
    .addCommand(statusCommand(shell))
    .addCommand(logsCommand(shell))
    .addCommand(stopCommand(shell))
    .addCommand(listCommand(shell))
    .addCommand(deleteCommand(shell));
}

function statusCommand(shell: Shell): Command {
  return new Command('status')
    .description('show all that is known of a job')
    .argument('<id>', "the job's id")
    .addOption(addressOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  heddle job status nightly --json')
    .action(async (id: string, flags: Flags) => {
      const job = await connect(flags, shell).getJobInfo(id);
      if (flags.json !== undefined) return shell.out.json(job);
      for (const line of jobFields(job, shell.out, shell.clock.now())) await shell.out.line(line);
    });
}

function logsCommand(shell: Shell): Command {
  return new Command('logs')
    .description('print the log of a job')
    .argument('<id>', "the job's id")
    .option('-f, --follow', 'go on until the job is over')
    .option('--tail <lines>', 'only so many lines from the end', parseCount)
    .option('--offset <bytes>', 'from this byte on, the first being 0', parseOffset)
    .option('--limit <bytes>', 'at most so many bytes', parseOffset)
    .addOption(addressOption())
    .addHelpText('after', '\nExamples:\n  heddle job logs nightly --tail 20\n  heddle job logs -f nightly')
    .action(async (id: string, flags: LogFlags) => {
      const { follow, tail, offset, limit } = flags;
      checkLogFlags(flags);
      const client = connect(flags, shell);
      if (follow !== undefined) await followJob(shell, client, id, shell.out, offset);
      else for await (const bytes of client.streamJobLog(id, { tail, offset, limit })) await shell.out.write(bytes);
    });
}

function checkLogFlags({ follow, tail, limit }: LogFlags): void {
  if (follow !== undefined && (tail ?? limit) !== undefined)
    throw new UsageError(
      'Cannot follow a log with --tail or --limit: it goes on to its end; --offset says where it begins',
    );
  if (tail !== undefined && limit !== undefined)
    throw new UsageError('Cannot read a log with both --tail and --limit: give one of them');
}

function stopCommand(shell: Shell): Command {
  return new Command('stop')
    .description('stop a job: SIGTERM to its processes, then SIGKILL to all that are left')
    .argument('<id>', "the job's id")
    .option('--no-wait', 'ask, and leave')
    .addOption(addressOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  heddle job stop nightly')
    .action(async (id: string, flags: Flags & { wait: boolean }) => {
      const client = connect(flags, shell);
      const stopped = await client.stopJob(id);
      if (flags.json !== undefined && !flags.wait) return shell.out.json({ submissionId: id, stopped });
      if (!flags.wait && stopped) return shell.out.line(`Job "${id}" is asked to stop`);
      const before = await client.getJobInfo(id);
      const job = isTerminal(before.status) ? before : await followJob(shell, client, id, undefined);
      if (flags.json !== undefined) return shell.out.json({ ...job, stopped });
      await shell.out.line(`${statusLine(job, shell.out)}${stopped ? '' : ': it was over before'}`);
      if (stopped) for (const line of stopLines(job)) await shell.out.line(`  ${line}`);
    });
}

function listCommand(shell: Shell): Command {
  return new Command('list')
    .description('list all jobs, in the order of their submission')
    .addOption(addressOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  heddle job list')
    .action(async (flags: Flags) => {
      const jobs = await connect(flags, shell).listJobs();
      if (flags.json !== undefined) return shell.out.json(jobs);
      if (jobs.length === 0) return shell.out.line('No jobs');
      const { out, clock } = shell;
      for (const line of toTable(jobColumns(out, clock.now()), jobs, out.columns, (text) => out.style('bold', text)))
        await out.line(line);
    });
}

function deleteCommand(shell: Shell): Command {
  return new Command('delete')
    .description('forget a job that is over, and its log')
    .argument('<id>', "the job's id")
    .addOption(addressOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  heddle job delete nightly')
    .action(async (id: string, flags: Flags) => {
      await connect(flags, shell).deleteJob(id);
      if (flags.json !== undefined) return shell.out.json({ submissionId: id, deleted: true });
      await shell.out.line(`Job "${id}" deleted`);
    });
}
