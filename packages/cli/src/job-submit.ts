/** `heddle job submit`: sends a command, follows its log, and ends as it ended. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  fromPackageUri,
  isLoopback,
  type JobSubmission,
  LOG_LIMIT_POLICIES,
  type LogLimitPolicy,
  STOP_SIGNALS,
  type StopSignal,
} from '@heddle/api';
import { delay, HeddleError } from '@heddle/base';
import type { JobSubmissionClient } from '@heddle/client';
import { Command, Option } from 'commander';
import { toEntrypoint } from './command-line.ts';
import { EndWith, EXIT_FAILED, UsageError } from './failure.ts';
import { followJob } from './follow.ts';
import { reasonLines, statusLine } from './job-view.ts';
import {
  addressOption,
  type ConnectionFlags,
  connect,
  jsonOption,
  type OutputFlags,
  parseAssignment,
  parseCount,
} from './options.ts';
import { parseAmount, parseAmounts, parseDuration, parseInteger, parseSize } from './quantity.ts';
import type { Shell } from './shell.ts';

interface SubmitFlags extends ConnectionFlags, OutputFlags {
  readonly wait: boolean;
  readonly shell: boolean;
  readonly submissionId?: string;
  readonly ifNotExists?: true;
  readonly workingDir?: string;
  readonly upload?: true;
  readonly env?: Record<string, string>;
  readonly setup?: string;
  readonly setupTimeout?: number;
  readonly metadata?: Record<string, string>;
  readonly priority?: number;
  readonly numCpus?: number;
  readonly numGpus?: number;
  readonly memory?: number;
  readonly resource?: Record<string, number>;
  readonly timeout?: number;
  readonly startTimeout?: number;
  readonly maxRetries?: number;
  readonly retryDelay?: number;
  readonly stopSignal?: StopSignal;
  readonly grace?: number;
  readonly fateSharing?: true;
  readonly logLimit?: number;
  readonly logLimitPolicy?: LogLimitPolicy;
}

const NOTES = `
Examples:
  heddle job submit -- python3 train.py --rate 0.1
  heddle job submit -- 'sort big.txt | uniq -c > counts.txt'
  heddle job submit --no-wait --submission-id nightly --env LR=0.1 -- ./nightly.sh
  heddle job submit --timeout 2h --max-retries 3 --num-cpus 2 -- ./flaky.sh
  heddle job submit --upload --setup 'npm ci' -- node main.js

One word after -- is a shell command as it stands. Several are words of one command, quoted so that the
shell leaves them alone. --no-shell runs the words without a shell, and tells a death by signal exactly.
Ends with code 1 if the job FAILED, and with 0 otherwise.

A job waits until as much as it asks for is free (--num-cpus, --memory, --resource); that is accounted, not
enforced. With --max-retries a job runs at least once, without it at most once; each attempt finds its number in
HEDDLE_JOB_ATTEMPT. Durations are seconds, or have a unit: 200ms, 90s, 5m, 2h, 1d.
A daemon on another machine is sent a copy of --working-dir (at most 100 MiB packed; .git stays out), as with
--upload; gcs://NAME.zip names one that is there already.`;

export function submitCommand(shell: Shell): Command {
  return new Command('submit')
    .description('submit a command as a job and follow its log')
    .argument('[command...]', 'the command, after --')
    .option('--no-wait', 'print the id and leave')
    .option('--submission-id <id>', "the job's id (default: a new one)")
    .option('--if-not-exists', 'take an id that is taken for this very job, submitted before')
    .option('--working-dir <directory>', 'where the command starts (default: here)')
    .option('--upload', 'send a copy of that directory as it is now, and start in the copy')
    .option('--env <NAME=VALUE>', 'set a variable for the job; may be repeated', parseAssignment)
    .option('--setup <command>', 'run this first, once, in the same place; the job fails if it does')
    .option('--setup-timeout <duration>', 'how long that may take (default: 10m)', parseDuration)
    .option('--metadata <NAME=VALUE>', 'a note that the record keeps; may be repeated', parseAssignment)
    .option('--priority <number>', 'of the jobs that wait, higher ones go first (default: 0)', parseInteger)
    .option('--num-cpus <number>', 'wait until so many processors are free (default: 0)', parseAmount)
    .option('--num-gpus <number>', 'the same of GPUs', parseAmount)
    .option('--memory <size>', 'the same of memory: 512M, 2G', parseSize)
    .option('--resource <NAME=AMOUNT>', "the same of the daemon's own resources; may be repeated", parseAmounts)
    .option('--timeout <duration>', 'end an attempt that runs for longer; it has FAILED', parseDuration)
    .option('--start-timeout <duration>', 'fail if it has not started so long after submission', parseDuration)
    .option('--max-retries <number>', 'run again so often if it fails (default: 0)', parseCount)
    .option('--retry-delay <duration>', 'before the first retry; doubles, up to 60s (default: 1s)', parseDuration)
    .addOption(new Option('--stop-signal <name>', 'what asks it to stop (default: SIGTERM)').choices(STOP_SIGNALS))
    .option('--grace <duration>', 'how long it may take to stop before it is killed (default: 3s)', parseDuration)
    .option('--fate-sharing', 'end with the supervisor or the daemon, instead of being taken over by the next')
    .option('--log-limit <size>', "how long its log may become (default: the daemon's limit)", parseSize)
    .addOption(new Option('--log-limit-policy <what>', 'what happens then').choices(LOG_LIMIT_POLICIES))
    .option('--no-shell', 'run exactly these words, without a shell')
    .addOption(addressOption())
    .addOption(jsonOption())
    .passThroughOptions()
    .addHelpText('after', NOTES)
    .action((words: string[], flags: SubmitFlags) => submit(shell, words, flags));
}

/** With tens of thousands of jobs a recovery takes some seconds. */
const RECOVERY_PATIENCE_MS = 30_000;
const RECOVERY_LOOK_MS = 100;

async function submit(shell: Shell, words: readonly string[], flags: SubmitFlags): Promise<void> {
  if (words.length === 0)
    throw new UsageError(
      'Cannot submit a job: no command is given; write it after --, as in: heddle job submit -- echo hi',
    );
  const client = connect(flags, shell);
  const id = await whenRecovered(shell, async () => client.submitJob(await toSubmission(shell, client, words, flags)));
  if (!flags.wait) return announce(shell, id, flags);
  if (flags.json === undefined) await shell.out.line(`Job "${id}" submitted`);

  const job = await followJob(shell, client, id, flags.json === undefined ? shell.out : undefined);
  if (flags.json !== undefined) await shell.out.json(job);
  else for (const line of [statusLine(job, shell.out), ...reasonLines(job)]) await shell.out.line(line);
  if (job.status === 'FAILED') throw new EndWith(EXIT_FAILED);
}

/** A daemon that recovers the jobs of an earlier one says so, and has done nothing yet: it is asked again. */
async function whenRecovered<T>({ clock }: Shell, ask: () => Promise<T>): Promise<T> {
  const untilMs = clock.monotonicMs() + RECOVERY_PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isRecovering = error instanceof HeddleError && error.code === 'RECOVERING';
      if (!isRecovering || clock.monotonicMs() >= untilMs) throw error;
      await delay(clock, RECOVERY_LOOK_MS);
    }
  }
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
  const place = await findPlace(shell, client, flags);
  return {
    entrypoint: flags.shell ? toEntrypoint(words) : words,
    submissionId: flags.submissionId,
    ifNotExists: flags.ifNotExists,
    metadata: flags.metadata ?? {},
    runtimeEnv: {
      ...(flags.env !== undefined && { envVars: flags.env }),
      ...(place.workingDir !== undefined && { workingDir: place.workingDir }),
      ...(flags.setup !== undefined && { setup: flags.setup }),
      ...(flags.setupTimeout !== undefined && { setupTimeoutMs: flags.setupTimeout }),
    },
    workingDirectory: place.directory,
    priority: flags.priority,
    entrypointNumCpus: flags.numCpus,
    entrypointNumGpus: flags.numGpus,
    entrypointMemory: flags.memory,
    entrypointResources: flags.resource,
    timeoutMs: flags.timeout,
    startTimeoutMs: flags.startTimeout,
    maxRetries: flags.maxRetries,
    retryDelayMs: flags.retryDelay,
    stopSignal: flags.stopSignal,
    gracePeriodMs: flags.grace,
    fateSharing: flags.fateSharing,
    logLimitBytes: flags.logLimit,
    logLimitPolicy: flags.logLimitPolicy,
  };
}

/** Where the command starts: a directory that the daemon sees too, or a package. */
interface Place {
  readonly directory?: string;
  readonly workingDir?: string;
}

/** A daemon elsewhere does not see the directories of this machine: it is sent the one that is named. */
async function findPlace(shell: Shell, client: JobSubmissionClient, flags: SubmitFlags): Promise<Place> {
  const { workingDir: given, upload } = flags;
  if (given !== undefined && fromPackageUri(given) !== undefined) return { workingDir: given };
  const isHere = isLoopback(new URL(client.address).hostname);
  if (!isHere && given === undefined && upload === undefined) return {};
  const directory = resolve(shell.directory, given ?? '.');
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory())
    throw new UsageError(
      `Cannot submit a job with --working-dir "${directory}": ${found === undefined ? 'no such directory' : 'it is not a directory'}`,
    );
  if (isHere && upload === undefined) return { directory };
  const { zipDirectory } = await import('./package-zip.ts');
  const { name, zip } = await zipDirectory(directory);
  return { workingDir: await client.uploadPackage(name, zip) };
}
