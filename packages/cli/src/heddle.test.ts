import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { DaemonHarness } from './testing/daemon-harness.ts';

const FOREVER = 'echo begun; sleep 1000';

test('a job is submitted, followed to its end, and the exit code tells the outcome', async (t) => {
  await using harness = await DaemonHarness.start();

  await t.test('of a job that succeeds', async () => {
    const { code, out, err } = await harness.heddle(
      'job',
      'submit',
      '--submission-id',
      'good',
      '--',
      'echo one; echo two >&2',
    );
    assert.equal(err, '');
    assert.equal(code, 0);
    assert.match(
      out,
      /^Job "good" submitted\nRunning entrypoint for job good: echo one; echo two >&2\none\ntwo\nJob "good" SUCCEEDED \(exit code 0\) after \d+\.\d s\n$/,
    );
  });

  await t.test('of a job that fails', async () => {
    const { code, out } = await harness.heddle('job', 'submit', '--', 'printf partial; exit 3');
    assert.equal(code, 1);
    assert.match(out, /\npartial\nJob "raysubmit_\w+" FAILED \(exit code 3\) after [^\n]+\n$/);
  });

  await t.test('and is called wrongly where the daemon finds a value wrong', async () => {
    const { code, out, err } = await harness.heddle('job', 'submit', '--timeout', '0', '--', 'true');
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^heddle: Cannot submit a job with timeoutMs 0: expected an integer from 1 to \d+\n$/);
  });

  await t.test('with its words, variables, directory and metadata as they were given', async () => {
    await mkdir(`${harness.directory}/elsewhere`);
    const words = ['printf', '[%s]', 'a  b', '$HOME', "it's", '"', ''];
    const quoted = await harness.heddle('job', 'submit', '--', ...words);
    assert.match(quoted.out, /\[a {2}b\]\[\$HOME\]\[it's\]\["\]\[\]/);
    const exact = await harness.heddle('job', 'submit', '--no-shell', '--', ...words);
    assert.match(exact.out, /\[a {2}b\]\[\$HOME\]\[it's\]\["\]\[\]/);

    const flags = [
      '--env',
      'A=x=y',
      '--metadata',
      'team=red',
      '--working-dir',
      'elsewhere',
      '--submission-id',
      'flags',
    ];
    const { out } = await harness.heddle('job', 'submit', ...flags, 'echo $A; pwd');
    assert.match(out, /\nx=y\n.*\/elsewhere\n/);
    const job = JSON.parse((await harness.heddle('job', 'status', 'flags', '--json')).out);
    assert.deepEqual([job.metadata, job.runtimeEnv], [{ team: 'red' }, { envVars: { A: 'x=y' } }]);
    const here = await harness.heddle('job', 'submit', '--', 'pwd');
    assert.ok(here.out.includes(`\n${harness.directory}\n`), here.out);
  });

  await t.test('as JSON', async () => {
    const { code, out } = await harness.heddle('job', 'submit', '--json', '--', 'exit 7');
    assert.equal(code, 1);
    assert.deepEqual([JSON.parse(out).status, JSON.parse(out).exitCode], ['FAILED', 7]);
  });

  await t.test('unless its id is taken', async () => {
    const { code, err } = await harness.heddle('job', 'submit', '--submission-id', 'good', '--', 'true');
    assert.equal(code, 1);
    assert.match(err, /^heddle: Cannot submit a job: Job with submission_id good already exists\.[^\n]*\n$/);
  });
});

test('a job that was left alone is looked at, followed, stopped and deleted', async (t) => {
  await using harness = await DaemonHarness.start();
  const submitted = await harness.heddle('job', 'submit', '--no-wait', '--submission-id', 'a', '--', FOREVER);
  assert.equal(submitted.code, 0);
  assert.match(submitted.out, /^Job "a" submitted\n[\s\S]*heddle job logs -f a/);
  await harness.untilLogged('a', 'begun');

  await t.test('its record, its log and the lists show it', async () => {
    const status = await harness.heddle('job', 'status', 'a');
    assert.match(status.out, /^id +a\nstatus +RUNNING\nmessage +Job is currently running\.\n/);
    const logs = await harness.heddle('job', 'logs', 'a');
    assert.equal(logs.out, `Running entrypoint for job a: ${FOREVER}\nbegun\n`);
    assert.equal((await harness.heddle('job', 'logs', 'a', '--tail', '1')).out, 'begun\n');
    assert.equal((await harness.heddle('job', 'logs', 'a', '--offset', '8', '--limit', '10')).out, 'entrypoint');
    const list = await harness.heddle('job', 'list');
    assert.match(list.out, /^ID +STATUS +EXIT +SUBMITTED +DURATION +ENTRYPOINT\na +RUNNING +\d{4}-/);
    assert.equal(JSON.parse((await harness.heddle('list', 'jobs', '--json')).out)[0].submission_id, 'a');
    const actors = await harness.heddle('list', 'actors', '--filter', 'state=alive');
    assert.match(actors.out, /JobSupervisor +ALIVE +_heddle_internal_job_actor_a /);
    assert.match((await harness.heddle('list', 'workers')).out, /\n\w+ +system +true /);
    const shown = await harness.heddle('status');
    assert.match(shown.out, /^Heddle 0\.1\.0 is ready at http:[\s\S]*\n {2}jobs +1 running\n/);
  });

  await t.test('a backup is a file with its job, and is made once', async () => {
    const made = await harness.heddle('backup', 'state.bak');
    assert.match(made.out, /^Backed up 1 job to \/.*\/state\.bak \(\d+ bytes\)\n$/);
    const again = await harness.heddle('backup', 'state.bak');
    assert.deepEqual([again.code, again.out], [1, '']);
    assert.match(again.err, /^heddle: Cannot back up to "[^"]+\/state\.bak": EEXIST/);
    assert.match((await harness.heddle('status')).out, /is ready/);
    const odd = await harness.heddle('backup', 'a #1?%41 é.bak');
    assert.match(odd.out, /^Backed up 1 job to \/.*\/a #1\?%41 é\.bak /, odd.err);
  });

  await t.test('nothing that is printed into a pipe is coloured', async () => {
    const list = await harness.heddle('job', 'list');
    assert.ok(!list.out.includes('\u001b'));
  });

  await t.test('who follows its log and is interrupted leaves it running', async () => {
    const follower = harness.spawn(['job', 'logs', '-f', 'a']);
    await follower.printed(/begun/);
    follower.child.kill('SIGINT');
    const { code, err } = await follower.ended;
    assert.equal(code, 130);
    assert.match(err, /^Job "a" goes on; [^\n]+\n$/);
    assert.equal(await harness.client.getJobStatus('a'), 'RUNNING');
  });

  await t.test('a reader that goes away ends the command quietly', async () => {
    const follower = harness.spawn(['job', 'logs', '-f', 'noisy']);
    await follower.ended;
    await harness.heddle(
      'job',
      'submit',
      '--no-wait',
      '--submission-id',
      'noisy',
      '--',
      'while echo noise; do :; done',
    );
    const reader = harness.spawn(['job', 'logs', '-f', 'noisy']);
    await reader.printed(/noise/);
    reader.child.stdout!.destroy();
    const { code, err } = await reader.ended;
    assert.deepEqual([code, err], [0, '']);
    await harness.heddle('job', 'stop', 'noisy');
  });

  await t.test('it cannot be deleted while it runs, and is stopped', async () => {
    const early = await harness.heddle('job', 'delete', 'a');
    assert.equal(early.code, 1);
    assert.match(early.err, /non-terminal state RUNNING/);
    const stopped = await harness.heddle('job', 'stop', 'a');
    assert.equal(stopped.code, 0);
    assert.match(stopped.out, /^Job "a" STOPPED[^\n]*\n {2}SIGTERM to group \d+\n/);
    assert.match((await harness.heddle('job', 'stop', 'a')).out, /it was over before\n$/);
    assert.equal((await harness.heddle('job', 'delete', 'a')).out, 'Job "a" deleted\n');
  });

  await t.test('then nobody knows it', async () => {
    for (const words of ['job status a', 'job logs a', 'job logs -f a', 'job stop a', 'job delete a']) {
      const { code, err } = await harness.heddle(...words.split(' '));
      assert.equal(code, 1, words);
      assert.match(err, /^heddle: Cannot [^\n]+: Job a does not exist\n$/, words);
    }
  });
});

test('a daemon that gets SIGTERM ends in order, leaves its jobs running, says so, and the next takes them over', async () => {
  await using harness = await DaemonHarness.start();
  await harness.heddle('job', 'submit', '--no-wait', '--submission-id', 'a', '--', FOREVER);
  await harness.untilLogged('a', 'begun');
  const before = await harness.client.getJobInfo('a');

  harness.daemon.child.kill('SIGTERM');
  const { code, out, err } = await harness.daemon.ended;
  assert.equal(code, 0, err); // Not in order, or not in time, would be 1.
  assert.match(out, /1 job left running, the next "heddle start" here takes over\n$/);
  for (const line of err.trim().split('\n')) assert.equal(typeof JSON.parse(line).msg, 'string');

  await harness.startAgain();
  assert.match(harness.daemon.out, /^Took over 1 job of an earlier daemon\nHeddle is ready at /);
  const after = await harness.client.getJobInfo('a');
  assert.deepEqual([after.status, after.driverPid, after.startTime], ['RUNNING', before.driverPid, before.startTime]);
});

test('who follows a log does not notice that the daemon was killed and started again', async () => {
  await using harness = await DaemonHarness.start();
  const go = `${harness.directory}/go`;
  const entrypoint = `seq 1 1000; while [ ! -e ${go} ]; do sleep 0.05; done; seq 1001 2000; exit 5`;
  const follower = harness.spawn(['job', 'submit', '--submission-id', 'a', '--', entrypoint]);
  await follower.printed(/\n1000\n/);
  harness.daemon.child.kill('SIGKILL');
  await harness.daemon.ended;
  await harness.startAgain();
  await writeFile(go, '');
  const { code, out } = await follower.ended;
  assert.equal(code, 1);
  const numbers = out.split('\n').filter((line) => /^\d+$/.test(line));
  assert.deepEqual(
    numbers,
    Array.from({ length: 2000 }, (_, at) => String(at + 1)),
  );
  assert.match(out, /\nJob "a" FAILED \(exit code 5\) after [^\n]+\n$/);
});

test('a second daemon is refused: in the same directory by the pid of the first, at the same port by the port', async () => {
  await using harness = await DaemonHarness.start();
  const { port } = new URL(harness.address);
  const sameDirectory = await harness.spawn(['start', '--directory', 'state', '--port', port, '--log-level', 'silent'])
    .ended;
  assert.equal(sameDirectory.code, 1);
  assert.match(
    sameDirectory.err,
    new RegExp(`^heddle: Cannot [^\\n]+ the daemon with pid ${harness.daemon.pid} [^\\n]+\\n$`),
  );
  const otherPort = await harness.spawn(['start', '--directory', 'state', '--port', '0', '--log-level', 'silent'])
    .ended;
  assert.equal(otherPort.code, 1);
  assert.equal(otherPort.err, sameDirectory.err);

  const samePort = await harness.spawn(['start', '--directory', 'other', '--port', port, '--log-level', 'silent'])
    .ended;
  assert.equal(samePort.code, 1);
  assert.equal(samePort.err, `heddle: Cannot listen on "127.0.0.1:${port}": the port is in use\n`);

  const open = await harness.spawn(['start', '--directory', 'other', '--host', '0.0.0.0', '--log-level', 'silent'])
    .ended;
  assert.equal(open.code, 1);
  assert.match(open.err, /^heddle: Cannot listen on "0\.0\.0\.0": [^\n]+ no token is set; [^\n]+\n$/);
  assert.equal(existsSync(`${harness.directory}/other`), false, 'a daemon that cannot listen touches no directory');
  assert.equal((await harness.heddle('status')).code, 0);
});

test('a stop leaves jobs running, or stops them first', async () => {
  await using harness = await DaemonHarness.start();
  await harness.heddle('job', 'submit', '--no-wait', '--submission-id', 'a', '--', FOREVER);
  await harness.untilLogged('a', 'begun');
  const left = await harness.heddle('stop');
  assert.equal(left.code, 0);
  assert.match(left.out, /^The daemon, process \d+, has ended; 1 running job left to run, /);
  assert.equal((await harness.daemon.ended).code, 0);
  assert.equal((await harness.heddle('status')).code, 1);

  await harness.startAgain();
  const stopped = await harness.heddle('stop', '--jobs');
  assert.match(stopped.out, /has ended; 1 running job asked to stop first\n$/);
  assert.equal((await harness.daemon.ended).code, 0);

  await harness.startAgain();
  assert.equal(await harness.client.getJobStatus('a'), 'STOPPED');
});
