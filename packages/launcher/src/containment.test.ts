/** The two containment tiers with real processes. Where no control group can be made, its tests are skipped, and say so. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { realClock } from '@heddle/base';
import type { ContainmentChoice, LaunchRequest } from './attempt.ts';
import { ControlGroup } from './control-group.ts';
import { ControlGroupHome } from './control-group-home.ts';
import { Launcher } from './launcher.ts';
import { findMarked, killMarked } from './marked-processes.ts';
import { PosixSpawn } from './posix-spawn.ts';
import { isAlive, readProcess } from './process-table.ts';
import { LauncherHarness, until } from './testing/harness.ts';

const home = ControlGroupHome.find();
const refusal = 'refusal' in home ? home.refusal : undefined;
if (home instanceof ControlGroupHome) home[Symbol.dispose]();

/** False, loudly: there are no control groups to be had here. */
function hasGroups(t: TestContext): boolean {
  if (refusal === undefined) return true;
  t.skip(`THE CGROUP TIER IS NOT TESTED HERE: ${refusal}`);
  return false;
}

const stopNow = { signal: 'SIGTERM', graceMs: 300 };

/** In a group if `containment` allows it. */
const request = (
  harness: LauncherHarness,
  attemptId: string,
  command: string,
  containment: ContainmentChoice = 'auto',
) => harness.request(attemptId, command, { containment });

/** Starts a job that leaves behind a daemon without parent, session or mark, and gives the daemon's pid. */
async function launchEscapee(harness: LauncherHarness, containment: ContainmentChoice): Promise<number> {
  const launcher = await harness.open();
  const leader = await launcher.launch(request(harness, 'a', `${ESCAPE}; echo up; exec sleep 1000`, containment));
  await harness.said('a', 'up');
  const pid = Number.parseInt(harness.log('a'), 10);
  await until('its parent has ended', () => readProcess(readProcess(pid)!.parentPid)?.groupId !== leader.pid);
  return pid;
}

/** Forked twice, it clears its environment and makes a session of its own; then it says its pid, and its parent goes on. */
const ESCAPE = "mkfifo out; (env -i setsid /bin/sh -c 'echo $$; echo >out; exec sleep 987654' &); read free <out";

test('a daemon that was forked twice, with a session of its own and an empty environment, escapes the marker tier', async () => {
  await using harness = new LauncherHarness();
  const escapee = await launchEscapee(harness, 'marker');
  const report = await (await harness.open()).stop('a', stopNow);
  assert.equal(report.containment, 'marker');
  assert.deepEqual(await harness.pidsOf('a'), []);
  assert.ok(isAlive(escapee), 'this is what the cgroup tier is for');
  process.kill(escapee, 'SIGKILL');
});

test('the same daemon does not escape its control group', async (t) => {
  if (!hasGroups(t)) return;
  await using harness = new LauncherHarness();
  const escapee = await launchEscapee(harness, 'cgroup');
  assert.ok((await harness.pidsOf('a')).includes(escapee));
  assert.deepEqual(
    await findMarked(harness.mark('a')).then((found) => found.some(({ pid }) => pid === escapee)),
    false,
  );
  const { containment, signals, survivors } = await (await harness.open()).stop('a', stopNow);
  assert.deepEqual([containment, survivors], ['cgroup', []]);
  assert.ok(signals.some(({ pid, signal }) => pid === escapee && signal === 'SIGKILL'));
  assert.equal(isAlive(escapee), false);
});

test('a daemon of that kind which a job leaves behind at its own end is killed and named', async (t) => {
  if (!hasGroups(t)) return;
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await launcher.launch(request(harness, 'a', `${ESCAPE}; exit 7`));
  assert.equal((await launcher.exited('a')).code, 7);
  const escapee = Number.parseInt(harness.log('a'), 10);
  await until('it is dead', () => !isAlive(escapee));
  await until('that is told', async () => (await launcher.report('a'))?.leftovers !== undefined);
  const { leftovers } = (await launcher.report('a'))!;
  assert.deepEqual([leftovers?.containment, leftovers?.signals], ['cgroup', [{ pid: escapee, signal: 'SIGKILL' }]]);
});

test('a job is in its group from its first instruction on, and nothing else of it differs', async (t) => {
  if (!hasGroups(t)) return;
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const command = 'cat /proc/self/cgroup | sed -n "s/^0:://p"; pwd; env; echo "$0" "$@"; ls /proc/self/fd; exit 3';
  const argv = ['/bin/sh', '-c', command, 'zero', 'a b', '*'];
  const env = { ...harness.request('a', '').env, 'NOT-A-NAME': 'kept', EMPTY: '' };
  const run = async (attemptId: string, containment: ContainmentChoice): Promise<[string[], string | undefined]> => {
    const changes: Partial<LaunchRequest> = { env: { ...env }, containment, logHeader: 'head\n' };
    const started = await launcher.launch(harness.request(attemptId, argv, changes));
    assert.equal((await launcher.exited(attemptId)).code, 3);
    return [harness.log(attemptId).split('\n'), started.controlGroup];
  };
  const [inGroup, directory] = await run('in-group', 'cgroup');
  const [bare, none] = await run('bare', 'marker');
  assert.equal(none, undefined);
  assert.equal(basename(directory!), 'in-group');
  assert.equal(basename(dirname(directory!)), `heddle-${harness.identity}`);
  assert.ok(directory!.endsWith(inGroup[1]!), `${directory} is ${inGroup[1]}`);
  assert.deepEqual(inGroup.toSpliced(1, 1), bare.toSpliced(1, 1));
});

test('where nothing can be born in a group the launcher goes there itself, and comes home', async (t) => {
  if (!hasGroups(t)) return;
  await using harness = new LauncherHarness();
  const alive = setInterval(() => {}, 1000); // The end of such a child keeps no loop turning.
  t.after(() => clearInterval(alive));
  for (const posixSpawn of [undefined, PosixSpawn.open('library')]) {
    const attemptId = posixSpawn === undefined ? 'by-node' : 'by-library';
    const launcher = await Launcher.open({
      journalPath: join(harness.directory, `${attemptId}.journal`),
      groupsPath: join(harness.directory, `${attemptId}.groups`),
      clock: realClock,
      posixSpawn,
      log: assert.fail,
      onChange: () => {},
    });
    const homeBefore = readFileSync('/proc/self/cgroup', 'utf8');
    const { controlGroup } = await launcher.launch(
      request(harness, attemptId, 'cat /proc/self/cgroup; exit 3', 'cgroup'),
    );
    assert.equal((await launcher.exited(attemptId)).code, 3);
    const [, inGroup] = /^0::(.*)$/m.exec(harness.log(attemptId))!;
    assert.ok(controlGroup!.endsWith(inGroup!), `${controlGroup} is ${inGroup}`);
    assert.equal(readFileSync('/proc/self/cgroup', 'utf8'), homeBefore);
    launcher.settle([attemptId]);
    await launcher.close();
    assert.equal(existsSync(dirname(controlGroup!)), false);
  }
});

test('what cannot be started is told as it is without a group, and leaves none', async (t) => {
  if (!hasGroups(t)) return;
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  for (const argv of [['no-such-command'], ['/etc/passwd'], ['/']]) {
    const failures = await Promise.all(
      (['cgroup', 'marker'] as const).map((containment) =>
        launcher.launch(harness.request(`${containment}-${argv[0]!.length}`, argv, { containment })).catch(String),
      ),
    );
    assert.equal(failures[0], failures[1]);
  }
  await assert.rejects(launcher.launch(harness.request('x', ['a'], { containment: 'cgroup', cwd: '/none' })), {
    code: 'SPAWN_FAILED',
    message: /"\/none" is not an existing directory/,
  });
});

test('a group goes with its job, and the directory of groups with the launcher', async (t) => {
  if (!hasGroups(t)) return;
  await using harness = new LauncherHarness({ idleMs: 20 });
  const launcher = await harness.open();
  const { controlGroup } = await launcher.launch(request(harness, 'a', 'echo up; exec sleep 1000'));
  assert.ok(existsSync(controlGroup!));
  await harness.said('a', 'up');
  await launcher.stop('a', stopNow);
  await until('its group is gone', () => !existsSync(controlGroup!));
  const ended = await launcher.launch(request(harness, 'b', 'true'));
  await launcher.exited('b');
  await until('this one too', () => !existsSync(ended.controlGroup!));
  assert.ok(existsSync(dirname(controlGroup!)));
  await launcher.settle(['a', 'b']);
  await launcher[Symbol.asyncDispose]();
  await until('the launcher has left', () => !isAlive(launcher.pid));
  assert.equal(existsSync(dirname(controlGroup!)), false);
  assert.deepEqual(harness.files, []);
});

test('a group that somebody has tidied away is made again', async (t) => {
  if (!hasGroups(t)) return;
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const first = await launcher.launch(request(harness, 'a', 'true'));
  await launcher.exited('a');
  await until('the group is gone', () => !existsSync(first.controlGroup!));
  rmdirSync(dirname(first.controlGroup!));
  const { controlGroup } = await launcher.launch(request(harness, 'b', 'echo up; exec sleep 1000', 'cgroup'));
  await harness.said('b', 'up');
  assert.ok(existsSync(controlGroup!));
  await launcher.stop('b', stopNow);
});

test('after the death of a launcher its groups tell who was whose, and empty ones are removed by the next', async (t) => {
  if (!hasGroups(t)) return;
  await using harness = new LauncherHarness();
  const escapee = await launchEscapee(harness, 'auto');
  const first = await harness.open();
  const over = await first.launch(request(harness, 'over', 'echo up; exec sleep 1000'));
  await harness.said('over', 'up');
  await harness.killLauncher(first.pid);

  const found = await findMarked(harness.markPrefix, harness.launcherDirectory);
  assert.equal(found.find(({ pid }) => pid === escapee)?.mark, harness.mark('a'));
  process.kill(over.pid, 'SIGKILL');
  await until('the group is empty', () => new ControlGroup(over.controlGroup!).members().length === 0);
  const second = await harness.open();
  assert.equal(existsSync(over.controlGroup!), false);
  assert.equal((await second.report('a'))?.started?.controlGroup, over.controlGroup!.replace(/over$/, 'a'));

  const report = await killMarked(harness.mark('a'), realClock, harness.launcherDirectory);
  assert.deepEqual([report.containment, report.survivors], ['cgroup', []]);
  assert.ok(report.signals.some(({ pid }) => pid === escapee));
  assert.equal(isAlive(escapee), false);
});

test('the launcher after one that was killed stops what is left in its groups', async (t) => {
  if (!hasGroups(t)) return;
  await using harness = new LauncherHarness();
  const escapee = await launchEscapee(harness, 'auto');
  await harness.killLauncher((await harness.open()).pid);
  const report = await (await harness.open()).stop('a', stopNow);
  assert.deepEqual([report.containment, report.survivors], ['cgroup', []]);
  assert.equal(isAlive(escapee), false);
});

test('a group is killed one by one where the kernel has no cgroup.kill, what is in groups inside it too', async (t) => {
  if (!hasGroups(t)) return;
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const { controlGroup, pid } = await launcher.launch(request(harness, 'a', 'sleep 1000 & echo up; wait'));
  await harness.said('a', 'up');
  const group = new ControlGroup(controlGroup!, 'no-such-file');
  const inner = new ControlGroup(join(controlGroup!, 'inner'));
  inner.make();
  const [child] = group.members().filter((member) => member !== pid);
  const inside = ControlGroupHome.find() as ControlGroupHome;
  inside.enter(inner);
  assert.deepEqual(group.kill(), [], 'nobody is killed with his killer');
  inside.comeHome();
  inside[Symbol.dispose]();
  assert.ok(isAlive(pid) && isAlive(child!));
  assert.deepEqual(group.kill().sort(), [pid, child!].sort());
  assert.equal((await launcher.exited('a')).signal, 'SIGKILL');
  await until('the group is gone', () => group.remove());
  assert.equal(existsSync(controlGroup!), false);
});

test('an attempt that asks for a group and can have none is not started, and says why', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const named = harness.request('a', 'true', { containment: 'cgroup', marker: 'no/name:a' });
  await assert.rejects(launcher.launch(named), {
    code: 'SPAWN_FAILED',
    message:
      refusal === undefined ? /in a control group: the mark "no\/name:a" is no name for a group/ : /control group/,
  });
  const other = harness.request('b', 'true', { containment: 'auto', marker: 'no/name:b' });
  assert.equal((await launcher.launch(other)).controlGroup, undefined);
  assert.equal((await launcher.exited('b')).code, 0);
});

test('a launcher says what it can do, and why', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const { containment, containmentReason } = await launcher.status();
  assert.equal(launcher.containment, containment);
  assert.equal(containment, refusal === undefined ? 'cgroup' : 'marker');
  assert.match(containmentReason!, refusal === undefined ? /^groups are made in \// : /./);
  assert.match(readFileSync('/proc/self/stat', 'utf8'), new RegExp(`^${process.pid} `), 'this process came home');
});
