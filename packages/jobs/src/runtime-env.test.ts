/** Working directories, packages and set-up commands with real processes. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { eventually, isAlive, JobsHarness } from './testing/jobs-harness.ts';
import { zipOf } from './testing/zip.ts';

const PACKAGE = '_ray_pkg_0123456789abcdef.zip';
const once = async function* (content: Buffer) {
  yield content;
};

test('a job starts in the unpacked package, which Python finds too, and jobs share it', async () => {
  await using harness = await JobsHarness.open();
  const { manager } = harness;
  assert.equal(await manager.hasPackage(PACKAGE), false);
  const zip = zipOf([
    {
      name: 'run.sh',
      content: '#!/bin/sh\necho "$PYTHONPATH"; cat data/in.txt; pwd\n',
      mode: 0o100_755,
      deflate: true,
    },
    { name: 'data/in.txt', content: 'in\n' },
  ]);
  await manager.putPackage(PACKAGE, once(zip));
  assert.equal(await manager.hasPackage(PACKAGE), true);
  const runtimeEnv = { workingDir: `gcs://${PACKAGE}`, envVars: { PYTHONPATH: '/mine' } };
  const ids = await Promise.all([1, 2, 3].map(() => harness.submit('./run.sh', { runtimeEnv })));
  const outputs = new Set<string>();
  for (const id of ids) {
    assert.equal((await harness.untilOver(id)).status, 'SUCCEEDED');
    outputs.add(await harness.output(id));
  }
  assert.equal(outputs.size, 1, 'unpacked once');
  const [path, content, directory] = [...outputs][0]!.split('\n');
  assert.deepEqual([path, content], [`${directory}:/mine`, 'in']);
  assert.ok(directory!.startsWith(harness.directory));
  assert.deepEqual((await harness.info(ids[0]!)).runtimeEnv, runtimeEnv);
});

test('a missing or bad package fails the job with RUNTIME_ENV_SETUP_FAILURE, and nothing runs', async () => {
  await using harness = await JobsHarness.open();
  await harness.manager.putPackage('evil.zip', once(zipOf([{ name: '../escaped' }])));
  for (const [name, fact] of [
    [PACKAGE, /^runtime_env setup failed: Package gcs:\S+ does not exist$/],
    ['evil.zip', /^runtime_env setup failed: Package gcs:\/\/evil.zip is refused: its entry "..\/escaped" leads out/],
  ] as const) {
    const id = await harness.submit('echo ran', { runtimeEnv: { workingDir: `gcs://${name}` }, maxRetries: 3 });
    const info = await harness.untilOver(id);
    assert.deepEqual([info.status, info.errorType, info.attempt], ['FAILED', 'RUNTIME_ENV_SETUP_FAILURE', 1]);
    assert.match(info.message, fact);
    assert.equal(await harness.manager.getJobLogs(id), '');
  }
  await assert.rejects(harness.manager.putPackage('../x.zip', once(Buffer.alloc(1))), RangeError);
});

test('a working directory of this machine is used where it is, relative to the job', async () => {
  await using harness = await JobsHarness.open();
  const submit = (workingDir: string) =>
    harness.submit('pwd', { workingDirectory: '/usr', runtimeEnv: { workingDir } });
  const relative = await submit('lib');
  const absolute = await submit('/usr/lib');
  const missing = await submit('no such');
  for (const id of [relative, absolute]) {
    assert.equal((await harness.untilOver(id)).status, 'SUCCEEDED');
    assert.equal(await harness.output(id), '/usr/lib\n');
  }
  assert.match((await harness.untilOver(missing)).message, /working_dir "\/usr\/no such" is no directory here/);
});

test('a set-up command runs first, in the same place, with a section of the log', async () => {
  await using harness = await JobsHarness.open();
  await harness.manager.putPackage('p.zip', once(zipOf([{ name: 'base', content: 'base' }])));
  const runtimeEnv = {
    workingDir: 'gcs://p.zip',
    envVars: { WHAT: 'made' },
    setup: 'cat base; printf " $WHAT" > product; printf .',
  };
  const id = await harness.submit('cat product', { submissionId: 'set', runtimeEnv });
  assert.equal((await harness.untilOver(id)).status, 'SUCCEEDED');
  assert.equal(await harness.output(id), ' made');
  assert.equal(
    await harness.manager.getJobLogs(id),
    `Setting up the runtime environment of job set: ${runtimeEnv.setup}\nbase.\nRunning entrypoint for job set: cat product\n made`,
  );
});

test('a set-up that fails says so with its output, one that takes too long is ended with its tree', async () => {
  await using harness = await JobsHarness.open();
  const failing = await harness.submit('true', {
    runtimeEnv: { setup: ['/bin/sh', '-c', 'echo no such thing; exit 3'] },
  });
  const failed = await harness.untilOver(failing);
  assert.equal(failed.errorType, 'RUNTIME_ENV_SETUP_FAILURE');
  assert.equal(
    failed.message,
    'runtime_env setup failed: setup command failed with exit code 3, its last output:\nno such thing\n',
  );
  const child = `${harness.directory}/child`;
  const setup = `setsid sleep 1000 & echo $! > ${child}; echo slow; wait`;
  const slow = await harness.submit('true', { runtimeEnv: { setup, setupTimeoutMs: 400 } });
  const late = await harness.untilOver(slow);
  assert.match(late.message, /longer than its setupTimeoutMs of 400, its last output:\nslow/);
  assert.equal(isAlive(Number(await readFile(child, 'utf8'))), false);
  const none = await harness.submit('true', { runtimeEnv: { setup: ['/no/such/program'] } });
  assert.match((await harness.untilOver(none)).message, /setup command could not be started: /);
});

test('a set-up goes on under the next manager, and is not begun again', async () => {
  await using harness = await JobsHarness.open();
  const [ledger, go] = [`${harness.directory}/ledger`, `${harness.directory}/go`];
  const setup = `echo x >> ${ledger}; echo begun; while [ ! -e ${go} ]; do sleep 0.02; done`;
  const id = await harness.submit('echo ran', { runtimeEnv: { setup } });
  await eventually(
    async () => (await harness.manager.getJobLogs(id)).includes('begun\n'),
    () => 'the set-up runs',
  );
  const waiting = await harness.info(id);
  assert.deepEqual([waiting.status, waiting.driverPid], ['PENDING', null]);
  assert.match(waiting.message, /runtime environment to be set up/);
  await harness.closeManager();
  await harness.openManager();
  await harness.manager.sweepOrphans();
  await writeFile(go, '');
  assert.equal((await harness.untilOver(id)).status, 'SUCCEEDED');
  assert.equal(await harness.output(id), 'ran\n');
  assert.equal(await readFile(ledger, 'utf8'), 'x\n');
});

test('S9: who tails a job from its submission on sees what its set-up writes while it runs', async () => {
  await using harness = await JobsHarness.open();
  const gate = `${harness.directory}/go-on`;
  const setup = `echo preparing; while [ ! -e ${gate} ]; do sleep 0.02; done`;
  const id = await harness.submit('echo ran', { runtimeEnv: { setup } });
  let seen = '';
  for await (const text of harness.manager.tailJobLogs(id)) {
    seen += text;
    if (/^preparing$/m.test(seen)) await writeFile(gate, ''); // Else it would never end.
  }
  assert.match(seen, /^preparing\n(.*\n)*ran\n$/m);
});

test('a job that is stopped while it is set up leaves nothing of that', async () => {
  await using harness = await JobsHarness.open();
  const child = `${harness.directory}/child`;
  const id = await harness.submit('echo ran', {
    runtimeEnv: { setup: `setsid sleep 1000 & echo $! > ${child}; echo begun; wait` },
  });
  await eventually(
    async () => (await harness.manager.getJobLogs(id)).includes('begun\n'),
    () => 'the set-up runs',
  );
  assert.equal(await harness.manager.stopJob(id), true);
  const info = await harness.untilOver(id);
  assert.deepEqual([info.status, info.startTime], ['STOPPED', null]);
  assert.equal(info.stopReport?.signals[0]?.signal, 'SIGTERM', 'who was killed with the set-up is told');
  assert.equal(isAlive(Number(await readFile(child, 'utf8'))), false);
  assert.ok(!(await harness.manager.getJobLogs(id)).includes('ran'));
});
