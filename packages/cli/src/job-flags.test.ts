/** What a job may be submitted with, and a daemon started with, from the command line to the process. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { DaemonHarness } from './testing/daemon-harness.ts';

test('limits, needs, retries and set-up go from the command line to the job, and its record shows them', async (t) => {
  await using harness = await DaemonHarness.start(
    ...['--num-cpus', '2', '--resource', 'tape=1', '--memory', '1G', '--containment', 'marker'],
  );
  const submit = (...words: string[]) => harness.heddle('job', 'submit', ...words);

  await t.test('a job that fails is run again, and its attempts are shown', async () => {
    const flags = ['--submission-id', 'again', '--max-retries', '2', '--retry-delay', '10ms', '--priority', '-3'];
    const { code, out } = await submit(...flags, '--', 'echo try $HEDDLE_JOB_ATTEMPT; [ $HEDDLE_JOB_ATTEMPT = 2 ]');
    assert.equal(code, 0, out);
    assert.match(
      out,
      /\ntry 1\nRunning entrypoint for job again \(attempt 2 of 3\): [^\n]+\ntry 2\nJob "again" SUCCEEDED/,
    );
    const shown = (await harness.heddle('job', 'status', 'again')).out;
    assert.match(shown, /\nattempt +2 of 3\nattempt 1 +JOB_ENTRYPOINT_COMMAND_ERROR \(1\) at \d{4}-/);
    assert.match(shown, /\npriority +-3\n/);
  });

  await t.test('a job that takes too long has failed', async () => {
    const { code, out } = await submit('--timeout', '300ms', '--grace', '10s', '--', 'sleep 1000');
    assert.equal(code, 1);
    assert.match(out, /FAILED \(signal SIGTERM\)/);
  });

  await t.test('a job has a log limit of its own, as far as the daemon lets it', async () => {
    const flags = ['--log-limit', '1K', '--log-limit-policy', 'truncate', '--submission-id', 'wordy'];
    assert.equal((await submit(...flags, '--', 'seq 1 10000')).code, 0);
    assert.match(
      (await harness.heddle('job', 'logs', 'wordy')).out,
      /log limit of 1024 bytes reached: \d+ bytes after/,
    );
    assert.match((await harness.heddle('job', 'status', 'wordy')).out, /\nlog limit +1\.0 KiB truncate\n/);
    const { code, err } = await submit('--log-limit', '2G', '--', 'true');
    assert.equal(code, 2);
    assert.match(err, /logLimitBytes 2147483648/);
  });

  await t.test('a job waits for what it asks for, and the status says what is in use', async () => {
    await submit(
      '--no-wait',
      '--submission-id',
      'holds',
      '--num-cpus',
      '1.5',
      '--memory',
      '512M',
      '--',
      'echo up; sleep 1000',
    );
    await harness.untilLogged('holds', 'up');
    await submit('--no-wait', '--submission-id', 'waits', '--num-cpus', '1', '--', 'true');
    await submit(
      '--no-wait',
      '--submission-id',
      'never',
      '--resource',
      'tape=2',
      '--start-timeout',
      '1h',
      '--',
      'true',
    );
    const status = (await harness.heddle('status')).out;
    assert.match(status, /\n {2}queue +2 waiting \(1 for more than this daemon has\), at most \d+ jobs run at once\n/);
    assert.match(status, /\n {2}launcher +process \d+, containment by marker\n/);
    assert.match(status, /\n {2}resources +1\.5 of 2 CPU, 512\.0 MiB of 1\.0 GiB memory, 0 of 1 tape\n/);
    assert.match((await harness.heddle('job', 'status', 'waits')).out, /waiting for resources/);
    const never = (await harness.heddle('job', 'status', 'never')).out;
    assert.match(never, /2 tape of which this daemon has 1/);
    assert.match(never, /\nasks for +2 tape\nstart limit +1 h 0 min\n/);
    for (const id of ['never', 'holds']) assert.equal((await harness.heddle('job', 'stop', id)).code, 0);
  });

  await t.test('a submission may be repeated', async () => {
    const again = ['--no-wait', '--submission-id', 'again', '--if-not-exists', '--', 'echo never'];
    assert.equal((await submit(...again)).code, 0);
    assert.equal((await submit('--no-wait', '--submission-id', 'again', '--', 'true')).code, 1);
  });

  await t.test('a copy of a directory is sent, set up, and stays as it was', async () => {
    await mkdir(`${harness.directory}/app/lib`, { recursive: true });
    await writeFile(`${harness.directory}/app/main.sh`, '#!/bin/sh\ncat lib/x product\n', { mode: 0o755 });
    await writeFile(`${harness.directory}/app/lib/x`, 'one\n');
    const flags = ['--working-dir', 'app', '--upload', '--setup', 'echo made > product'];
    const { code, out, err } = await submit(...flags, '--submission-id', 'copy', '--', './main.sh');
    assert.equal(code, 0, out + err);
    assert.match(out, /\nRunning entrypoint for job copy: .\/main.sh\none\nmade\n/);
    await writeFile(`${harness.directory}/app/lib/x`, 'two\n');
    const { workingDir } = (await harness.client.getJobInfo('copy')).runtimeEnv!;
    assert.match((await submit('--working-dir', workingDir!, '--', 'cat lib/x')).out, /\none\n/);
    assert.match((await submit(...flags, '--', 'cat lib/x')).out, /\ntwo\n/);
    const failed = await submit('--setup', 'exit 4', '--', 'true');
    assert.match(failed.out, /FAILED\nruntime_env setup failed: setup command failed with exit code 4[^\n]*\n$/);
    const missing = await submit('--working-dir', 'gcs://nothing.zip', '--json', '--', 'true');
    assert.equal(JSON.parse(missing.out).errorType, 'RUNTIME_ENV_SETUP_FAILURE');
  });

  await t.test('what cannot be meant is refused by name', async () => {
    for (const [words, problem] of [
      [['--timeout', 'soon'], /--timeout/],
      [['--stop-signal', 'SIGKILL'], /--stop-signal/],
      [['--resource', 'CPU=1'], /"CPU": that resource has an option of its own/],
      [['--working-dir', 'nowhere', '--upload'], /no such directory/],
    ] as const) {
      const { code, err } = await submit(...words, '--', 'true');
      assert.notEqual(code, 0);
      assert.match(err, problem);
    }
  });

  await t.test('help names every flag', async () => {
    const { out } = await harness.heddle('job', 'submit', '--help');
    for (const flag of [
      'if-not-exists',
      'upload',
      'setup',
      'priority',
      'num-cpus',
      'memory',
      'resource',
      'timeout',
      'log-limit',
    ])
      assert.ok(out.includes(`--${flag}`), flag);
  });
});
