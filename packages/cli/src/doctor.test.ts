/** `heddle doctor` as a process of its own, on this machine as it is. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Finding } from '@heddle/jobs';
import { DaemonHarness } from './testing/daemon-harness.ts';
import { HeddleProcess } from './testing/heddle-process.ts';

interface Report {
  readonly isWell: boolean;
  readonly directory: string;
  readonly findings: readonly Finding[];
  readonly unit: string;
}

const findingOf = (report: Report, check: string): Finding =>
  report.findings.find((finding) => finding.check === check)!;

test('doctor looks at a machine without a daemon, says one line of each thing, and leaves nothing there', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'heddle-cli-'));
  t.after(() => rm(directory, { recursive: true }));
  const doctor = (words: string[], environment = {}) =>
    new HeddleProcess(['doctor', ...words], { directory, environment });
  const [text, json] = await Promise.all([doctor([], { NO_COLOR: '1' }).ended, doctor(['--json']).ended]);
  assert.deepEqual(await readdir(directory), []);
  const report = JSON.parse(json.out) as Report;
  assert.equal(report.directory, join(directory, '.heddle'));
  assert.equal(
    report.isWell,
    report.findings.every(({ level }) => level !== 'problem'),
  );
  assert.deepEqual([text.code, json.code], report.isWell ? [0, 0] : [1, 1]);
  assert.equal(findingOf(report, 'Node').fact, `version ${process.versions.node}`);
  assert.match(findingOf(report, 'containment').fact, /^(cgroup|marker): /);
  assert.match(findingOf(report, 'directory').fact, /\(not there yet\) can be written, on /);
  assert.match(findingOf(report, 'launcher').fact, /^none lives here/);
  assert.equal(findingOf(report, 'pid 1').level, 'ok', 'the tests themselves count on it');
  assert.equal(findingOf(report, 'output').fact, 'no terminal: without colours');
  for (const { check, fact } of report.findings.filter(({ check }) => check !== 'output' && check !== 'room'))
    assert.ok(text.out.includes(`  ${check} `) && text.out.includes(fact), `${check}: ${fact}`);
  assert.match(text.out, /^ok +output +no terminal, and NO_COLOR is set: without colours$/m);
  assert.ok(!text.out.includes('\x1b'));
  assert.ok(text.out.endsWith(`# heddle.service, for systemd\n${report.unit}`));
});

test('doctor ends with 1 where the directory cannot be one, and says what to do', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'heddle-cli-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'file'), '');
  const { code, out } = await new HeddleProcess(['doctor', '--directory', 'file/state'], { directory }).ended;
  assert.equal(code, 1, out);
  assert.match(
    out,
    /^problem +directory +\S+\/file\/state \(not there yet\) cannot be written: "\S+\/file" is not a directory\n +name another/m,
  );
});

test('doctor finds the launcher of a daemon, asks it for its protocol, and says when it is stopped', async () => {
  await using harness = await DaemonHarness.start();
  const doctor = async () => {
    const { code, out } = await harness.spawn(['doctor', '--directory', 'state', '--json']).ended;
    return { code, finding: findingOf(JSON.parse(out), 'launcher') };
  };
  const { launcherPid, containment } = await harness.client.getStatus();
  const well = await doctor();
  assert.equal(well.code, 0);
  assert.equal(well.finding.fact, `process ${launcherPid} answers, protocol 1, containment by ${containment}`);
  process.kill(launcherPid!, 'SIGSTOP');
  try {
    const { code, finding } = await doctor();
    assert.deepEqual([code, finding.level, finding.advice], [1, 'problem', `continue it: kill -CONT ${launcherPid}`]);
  } finally {
    process.kill(launcherPid!, 'SIGCONT');
  }
});
