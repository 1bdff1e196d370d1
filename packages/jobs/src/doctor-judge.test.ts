import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DoctorFacts, type Finding, judgeMachine, toUnit } from './doctor-judge.ts';

const directory = {
  path: '/d',
  isThere: true,
  isOurs: true,
  writeFailure: undefined,
  kind: 'ext4',
  freeBytes: 2 ** 30,
};
const GOOD: DoctorFacts = {
  nodeVersion: '26.10.0',
  platform: 'linux',
  hasProc: true,
  groups: { canMake: true, reason: 'groups are made in /g' },
  directory,
  launchers: [],
  systemd: { isInit: false, unit: undefined, killMode: undefined, delegate: undefined },
  orphan: 'reaped',
};

/** What is not as it should be, where one thing differs from a good machine. */
const findingsOf = (facts: Partial<DoctorFacts>): Finding[] =>
  judgeMachine({ ...GOOD, ...facts }).filter(({ level }) => level !== 'ok');

test('a machine on which all is well has nothing but ok', () => {
  assert.deepEqual(findingsOf({}), []);
});

test('what would lose or leave jobs is a problem, each with what to do', () => {
  const unit = { isInit: true, unit: 'x.service', delegate: undefined };
  const cases: [Partial<DoctorFacts>, string, RegExp, RegExp][] = [
    [{ nodeVersion: '22.1.0' }, 'Node', /22\.1\.0 is too old/, /24/],
    [{ platform: 'win32', hasProc: false }, '/proc', /Windows/, /WSL/],
    [{ directory: { ...directory, isOurs: false } }, 'directory', /another user/, /--directory/],
    [{ directory: { ...directory, writeFailure: 'EROFS' } }, 'directory', /cannot be written: EROFS/, /--directory/],
    [{ directory: { ...directory, freeBytes: 5 * 2 ** 20 } }, 'room', /5 MiB are free/, /64 MiB/],
    [{ launchers: [{ pid: 7, protocol: 1, state: 'stopped' }] }, 'launcher', /7 is stopped/, /kill -CONT 7/],
    [{ launchers: [{ pid: 7, protocol: 1, state: 'silent' }] }, 'launcher', /7 does not answer/, /launcher\.log/],
    [{ systemd: { ...unit, killMode: 'control-group' } }, 'systemd', /killed with it/, /KillMode=process/],
    [{ orphan: 'left' }, 'pid 1', /not reaped/, /--init/],
  ];
  for (const [facts, check, fact, advice] of cases) {
    const [finding, ...others] = findingsOf(facts);
    assert.deepEqual([finding?.check, finding?.level, others], [check, 'problem', []]);
    assert.match(finding!.fact, fact);
    assert.match(finding!.advice!, advice);
  }
});

test('what works with a limit is a note', () => {
  const unit = { isInit: true, unit: 'x.service', killMode: 'process' };
  const cases: [Partial<DoctorFacts>, string, RegExp][] = [
    [{ platform: 'darwin', hasProc: false }, '/proc', /leftovers are not swept/],
    [{ groups: { canMake: false, reason: 'EROFS' } }, 'containment', /^marker: .*EROFS/],
    [{ directory: { ...directory, kind: 'tmpfs' } }, 'directory', /goes with the next boot/],
    [{ directory: { ...directory, kind: 'nfs' } }, 'directory', /locks there must work/],
    [{ directory: { ...directory, freeBytes: undefined } }, 'room', /nobody knows/],
    [{ launchers: [{ pid: 7, protocol: 0, state: 'foreign' }] }, 'launcher', /goes on with its jobs/],
    [{ systemd: { isInit: true, unit: undefined, killMode: undefined, delegate: undefined } }, 'systemd', /KillMode/],
    [{ systemd: { ...unit, killMode: undefined, delegate: undefined } }, 'systemd', /must have KillMode=process/],
    [{ systemd: { ...unit, delegate: 'no' } }, 'systemd', /has KillMode=process/],
    [{ orphan: 'unknown' }, 'pid 1', /cannot be told/],
  ];
  for (const [facts, check, fact] of cases) {
    const [finding, ...others] = findingsOf(facts);
    assert.deepEqual([finding?.check, finding?.level, others], [check, 'note', []]);
    assert.match(finding!.fact, fact);
  }
  assert.deepEqual(findingsOf({ systemd: { ...unit, delegate: 'yes' } }), []);
});

test('the unit leaves launcher and jobs alone and lets groups be made', () => {
  assert.match(toUnit('/var/lib/heddle'), /^ExecStart=\S+ start --directory \/var\/lib\/heddle$/m);
  assert.match(toUnit('/x'), /^KillMode=process$/m);
  assert.match(toUnit('/x'), /^Delegate=yes$/m);
});
