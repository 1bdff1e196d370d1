/** `heddle stop`: ends the daemon in order, and waits until it is gone. */

import { isLoopback } from '@heddle/api';
import { delay, HeddleError } from '@heddle/base';
import { type JobSubmissionClient, ServerUnreachableError } from '@heddle/client';
import { Command } from 'commander';
import { addressOption, type ConnectionFlags, connect } from './options.ts';
import { isRunning } from './processes.ts';
import type { Shell } from './shell.ts';

/** The daemon said yes and is still there. */
class StillRunningError extends HeddleError {
  override readonly name = 'StillRunningError';
  override readonly code = 'STILL_RUNNING';

  constructor(pid: number, limitMs: number) {
    super(`Cannot wait any longer: the daemon, process ${pid}, has not ended within ${limitMs / 1000} s`);
  }
}

const LOOK_EVERY_MS = 50;
/** An ordered end takes 5 s at most. Stopping the jobs first takes as long as they are given. */
const END_LIMIT_MS = 15_000;

export function stopCommand(shell: Shell): Command {
  return new Command('stop')
    .description('stop the daemon; running jobs go on, and the next daemon takes them over')
    .option('--jobs', 'stop all jobs first')
    .addOption(addressOption())
    .addHelpText('after', '\nExamples:\n  heddle stop\n  heddle stop --jobs')
    .action((flags: ConnectionFlags & { jobs?: true }) => stop(shell, flags));
}

async function stop(shell: Shell, flags: ConnectionFlags & { jobs?: true }): Promise<void> {
  const client = connect(flags, shell);
  const stopJobs = flags.jobs !== undefined;
  const { pid } = await client.getStatus();
  const { runningJobs } = await client.shutdown({ stopJobs });
  await untilGone(shell, client, pid, stopJobs ? Number.POSITIVE_INFINITY : END_LIMIT_MS);
  await shell.out.line(`The daemon, process ${pid}, has ended${outcomeOf(runningJobs, stopJobs)}`);
}

function outcomeOf(runningJobs: number, stopJobs: boolean): string {
  if (runningJobs === 0) return '';
  const jobs = runningJobs === 1 ? '1 running job' : `${runningJobs} running jobs`;
  return stopJobs ? `; ${jobs} asked to stop first` : `; ${jobs} left to run, the next daemon takes over`;
}

/** On this machine its process tells; elsewhere, that nothing answers any more. */
async function untilGone(shell: Shell, client: JobSubmissionClient, pid: number, limitMs: number): Promise<void> {
  const isHere = isLoopback(new URL(client.address).hostname);
  const endMs = shell.clock.monotonicMs() + limitMs;
  while (isHere ? isRunning(pid) : await answers(client)) {
    if (shell.clock.monotonicMs() >= endMs) throw new StillRunningError(pid, limitMs);
    await delay(shell.clock, LOOK_EVERY_MS);
  }
}

async function answers(client: JobSubmissionClient): Promise<boolean> {
  try {
    await client.getVersion();
    return true;
  } catch (error) {
    return !(error instanceof ServerUnreachableError);
  }
}
