/** `heddle job submit`: sends a command, follows its log, and ends as it ended. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isLoopback, type JobSubmission } from '@heddle/api';
import type { JobSubmissionClient } from '@heddle/client';
import { Command } from 'commander';
import { toEntrypoint } from './command-line.ts';
import { EndWith, EXIT_FAILED, UsageError } from './failure.ts';
import { followJob } from './follow.ts';
import { statusLine } from './job-view.ts';
import {
  addressOption,
  type ConnectionFlags,
  connect,
  jsonOption,
  type OutputFlags,
  parseAssignment,
} from './options.ts';
import type { Shell } from './shell.ts';

interface SubmitFlags extends ConnectionFlags, OutputFlags {
  readonly wait: boolean;
  readonly shell: boolean;
  readonly submissionId?: string;
  readonly workingDir?: string;
  readonly env?: Record<string, string>;
  readonly metadata?: Record<string, string>;
}

const EXAMPLES = `
Examples:
  heddle job submit -- python3 train.py --rate 0.1
  heddle job submit -- 'sort big.txt | uniq -c > counts.txt'
  heddle job submit --no-wait --submission-id nightly --env LR=0.1 -- ./nightly.sh

One word after -- is a shell command as it stands. Several are words of one command, quoted so that the
shell leaves them alone. --no-shell runs the words without a shell, and tells a death by signal exactly.
Ends with code 1 if the job FAILED, and with 0 otherwise.`;

export function submitCommand(shell: Shell): Command {
  return new Command('submit')
    .description('submit a command as a job and follow its log')
    .argument('[command...]', 'the command, after --')
    .option('--no-wait', 'print the id and leave')
    .option('--submission-id <id>', "the job's id (default: a new one)")
    .option('--working-dir <directory>', 'where the command starts (default: here)')
    .option('--env <NAME=VALUE>', 'set a variable for the job; may be repeated', parseAssignment)
    .option('--metadata <NAME=VALUE>', 'a note that the record keeps; may be repeated', parseAssignment)
    .option('--no-shell', 'run exactly these words, without a shell')
    .addOption(addressOption())
    .addOption(jsonOption())
    .passThroughOptions()
    .addHelpText('after', EXAMPLES)
    .action((words: string[], flags: SubmitFlags) => submit(shell, words, flags));
}

async function submit(shell: Shell, words: readonly string[], flags: SubmitFlags): Promise<void> {
  if (words.length === 0)
    throw new UsageError(
      'Cannot submit a job: no command is given; write it after --, as in: heddle job submit -- echo hi',
    );
  const client = connect(flags, shell);
  const id = await client.submitJob(await toSubmission(shell, client, words, flags));
  if (!flags.wait) return announce(shell, id, flags);
  if (flags.json === undefined) await shell.out.line(`Job "${id}" submitted`);

  const job = await followJob(shell, client, id, flags.json === undefined ? shell.out : undefined);
  if (flags.json !== undefined) await shell.out.json(job);
  else await shell.out.line(statusLine(job, shell.out));
  if (job.status === 'FAILED') throw new EndWith(EXIT_FAILED);
}

async function announce({ out }: Shell, id: string, flags: SubmitFlags): Promise<void> {
  if (flags.json !== undefined) return out.json({ submissionId: id });
  await out.line(`Job "${id}" submitted`);
  await out.line(`  its log:   heddle job logs -f ${id}`);
  await out.line(`  its state: heddle job status ${id}`);
  await out.line(`  stop it:   heddle job stop ${id}`);
}

async function toSubmission(
  shell: Shell,
  client: JobSubmissionClient,
  words: readonly string[],
  flags: SubmitFlags,
): Promise<JobSubmission> {
  return {
    entrypoint: flags.shell ? toEntrypoint(words) : words,
    submissionId: flags.submissionId,
    metadata: flags.metadata ?? {},
    runtimeEnv: flags.env === undefined ? {} : { envVars: flags.env },
    workingDirectory: await workingDirectory(shell, client, flags.workingDir),
  };
}

/** A daemon elsewhere does not know the directories of this machine: there only a directory that is named counts. */
async function workingDirectory(
  shell: Shell,
  client: JobSubmissionClient,
  given: string | undefined,
): Promise<string | undefined> {
  const isHere = isLoopback(new URL(client.address).hostname);
  if (!isHere) return given;
  const directory = resolve(shell.directory, given ?? '.');
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory())
    throw new UsageError(`Cannot submit a job with --working-dir "${directory}": no such directory`);
  return directory;
}
