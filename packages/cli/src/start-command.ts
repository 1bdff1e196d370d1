/** `heddle start`: a daemon in the foreground. */
import { resolve } from 'node:path';
import { DEFAULT_PORT } from '@heddle/api';
import type { JobManagerOptions } from '@heddle/jobs';
import { Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from './log-level.ts';
import { parseCount, parseNames, parsePort } from './options.ts';
import { parseAmount, parseAmounts, parseDuration, parseSize } from './quantity.ts';
import type { Shell } from './shell.ts';

/** As commander gives them. */
export interface StartFlags {
  readonly directory: string;
  readonly host: string;
  readonly port: number;
  readonly passEnv?: string[];
  readonly maxRunningJobs?: number;
  readonly maxPendingJobs?: number;
  readonly numCpus?: number;
  readonly numGpus?: number;
  readonly memory?: number;
  readonly resource?: Record<string, number>;
  readonly startTimeout?: number;
  readonly retainedJobs?: number;
  readonly retainedLogs?: number;
  readonly retainedAge?: number;
  readonly logLimit?: number;
  readonly logLimitPolicy?: 'truncate' | 'stop';
  readonly containment?: 'auto' | 'cgroup' | 'marker';
  readonly packageLimit?: number;
  readonly grace?: number;
  readonly pingPeriod?: number;
  readonly pingTimeout?: number;
  readonly pingThreshold?: number;
  readonly sweepPeriod?: number;
  readonly logLevel: LogLevel;
}

const NOTES = `
Examples:
  heddle start
  heddle start --directory /var/lib/heddle --port 8300 --log-level warn 2> heddle.log
  heddle start --max-running-jobs 4 --num-cpus 8 --resource tape=1
  HEDDLE_TOKEN=... heddle start --host 0.0.0.0

Its own log goes to standard error, one JSON object a line. SIGTERM and Ctrl-C end it in order within 5 s;
running jobs go on, and the next daemon on the directory takes them over. A second signal ends it at once.
Jobs ask for processors, memory and resources with job submit --num-cpus and the like; what they ask for is
counted against the totals given here, and not enforced. Those that ask for nothing wait for a place only.
With --containment auto each job runs in a control group (cgroup v2) where one can be made, which none of its
processes can leave; elsewhere they are found by a mark in their environment. heddle doctor says which, and why.
Jobs inherit PATH, HOME, the language and proxy settings and little else; --pass-env adds to that.`;

export function startCommand(shell: Shell): Command {
  return new Command('start')
    .description('run a daemon: runtime, job manager and HTTP API')
    .option('--directory <path>', 'where its state is kept', '.heddle')
    .option('--host <name>', 'where to listen; off this machine only with a token in $HEDDLE_TOKEN', '127.0.0.1')
    .option('--port <number>', '0 for any free one', parsePort, DEFAULT_PORT)
    .option('--pass-env <NAME>', 'a variable that every job inherits; may be repeated', parseNames)
    .option('--max-running-jobs <number>', 'so many run at once, the rest wait (default: 8 for each core)', parseCount)
    .option('--max-pending-jobs <number>', 'so many may wait (default: 100000)', parseCount)
    .option('--num-cpus <number>', 'processors that jobs may ask for (default: the cores)', parseAmount)
    .option('--num-gpus <number>', 'GPUs that jobs may ask for (default: 0)', parseAmount)
    .option('--memory <size>', 'memory that jobs may ask for, as 512M or 2G (default: all there is)', parseSize)
    .option('--resource <NAME=AMOUNT>', 'anything else that jobs may ask for; may be repeated', parseAmounts)
    .option('--start-timeout <duration>', 'fail a job that asks for more than there is (default: 15m)', parseDuration)
    .option('--retained-jobs <number>', 'finished jobs to remember (default: 10000)', parseCount)
    .option('--retained-logs <size>', 'bytes of their logs to keep (default: 10G)', parseSize)
    .option('--retained-age <duration>', 'forget finished jobs after so long (default: never)', parseDuration)
    .option('--log-limit <size>', "how long a job's log may become (default: 1G)", parseSize)
    .addOption(
      new Option('--log-limit-policy <what>', 'what happens then (default: truncate)').choices(['truncate', 'stop']),
    )
    .option('--package-limit <size>', 'bytes that all uploaded packages may have (default: 10G)', parseSize)
    .option(
      '--grace <duration>',
      'how long a stopped job may take to end before it is killed (default: 3s)',
      parseDuration,
    )
    .option('--ping-period <duration>', 'how often every supervisor is pinged (default: 1s)', parseDuration)
    .option('--ping-timeout <duration>', 'how long an answer may take (default: 5s)', parseDuration)
    .option('--ping-threshold <number>', 'missed in a row, it is shown as unreachable (default: 3)', parseCount)
    .option('--sweep-period <duration>', 'how often orphans are looked for (default: 30s)', parseDuration)
    .addOption(
      new Option('--containment <what>', "what holds a job's processes together (default: auto)").choices([
        'auto',
        'cgroup',
        'marker',
      ]),
    )
    .addOption(new Option('--log-level <level>', 'what is logged').choices(LOG_LEVELS).default('info'))
    .addHelpText('after', NOTES)
    .action(async (flags: StartFlags) => {
      const options = {
        directory: resolve(shell.directory, flags.directory),
        host: flags.host,
        port: flags.port,
        token: shell.environment.HEDDLE_TOKEN || undefined,
        jobs: toJobOptions(flags),
      };
      // Loaded here: no other command needs threads, tables and a server.
      const [{ runDaemon }, { createLogger }] = await Promise.all([import('./daemon.ts'), import('./log.ts')]);
      await runDaemon(options, shell, createLogger(flags.logLevel));
      shell.exit(0); // A thread or a socket that is slow to go shall not hold an ended daemon.
    });
}

/** The options of the job manager, of which what no flag names has its default. */
export const toJobOptions = (flags: Partial<StartFlags>): Omit<JobManagerOptions, 'directory'> => ({
  passEnv: flags.passEnv,
  maxRunningJobs: flags.maxRunningJobs,
  maxPendingJobs: flags.maxPendingJobs,
  numCpus: flags.numCpus,
  numGpus: flags.numGpus,
  memory: flags.memory,
  resources: flags.resource,
  startTimeoutMs: flags.startTimeout,
  retainedJobs: flags.retainedJobs,
  retainedLogBytes: flags.retainedLogs,
  retainedAgeMs: flags.retainedAge,
  logBytesMax: flags.logLimit,
  logLimitPolicy: flags.logLimitPolicy,
  containment: flags.containment,
  packageBytesMax: flags.packageLimit,
  gracePeriodMs: flags.grace,
  pingPeriodMs: flags.pingPeriod,
  pingTimeoutMs: flags.pingTimeout,
  pingThreshold: flags.pingThreshold,
  sweepPeriodMs: flags.sweepPeriod,
});
