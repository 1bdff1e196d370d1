import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shell } from './shell.ts';
import { type StartFlags, startCommand, toJobOptions } from './start-command.ts';

test('every limit of the job manager that a command line can say reaches it, and the help names its default', () => {
  const command = startCommand({} as Shell);
  command.parseOptions([
    ...['--grace', '200ms', '--ping-period', '2s', '--ping-timeout', '3s', '--ping-threshold', '4'],
    ...['--sweep-period', '1m', '--package-limit', '1K', '--start-timeout', '5m', '--log-limit', '2K'],
    ...['--log-limit-policy', 'stop', '--containment', 'marker', '--retained-jobs', '6', '--retained-logs', '3K'],
    ...['--retained-age', '1d', '--max-running-jobs', '7', '--max-pending-jobs', '8', '--num-cpus', '1.5'],
    ...['--num-gpus', '1', '--memory', '4K', '--resource', 'tape=1', '--pass-env', 'A', '--pass-env', 'B'],
  ]);
  assert.deepEqual(toJobOptions(command.opts<StartFlags>()), {
    passEnv: ['A', 'B'],
    maxRunningJobs: 7,
    maxPendingJobs: 8,
    numCpus: 1.5,
    numGpus: 1,
    memory: 4096,
    resources: { tape: 1 },
    startTimeoutMs: 300_000,
    retainedJobs: 6,
    retainedLogBytes: 3072,
    retainedAgeMs: 86_400_000,
    logBytesMax: 2048,
    logLimitPolicy: 'stop',
    containment: 'marker',
    packageBytesMax: 1024,
    gracePeriodMs: 200,
    pingPeriodMs: 2_000,
    pingTimeoutMs: 3_000,
    pingThreshold: 4,
    sweepPeriodMs: 60_000,
  });
  const undocumented = command.options.filter(
    ({ description, defaultValue, long }) =>
      defaultValue === undefined && !/default: /.test(description) && !['--pass-env', '--resource'].includes(long!),
  );
  assert.deepEqual(
    undocumented.map(({ long }) => long),
    [],
  );
});
