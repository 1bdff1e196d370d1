import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canBecome, isTerminal, JOB_STATUSES } from '@heddle/api';
import fc from 'fast-check';
import { type JobRecord, withOutcome, withProcess } from './job-record.ts';
import { judgeRecovery, type LauncherWord, needsLook, type RecoveryAction, toLauncherWord } from './recovery.ts';
import { exited, pending, running, started } from './testing/records.ts';

const BOOT = { bootId: 'boot_1', pidNamespace: 'pid:[1]' };
const ANOTHER_BOOT = { bootId: 'boot_2', pidNamespace: 'pid:[1]' };
const ANOTHER_NAMESPACE = { bootId: 'boot_1', pidNamespace: 'pid:[2]' };
const stop = { stopRequestedAtMs: 5 };

const judge = (record: JobRecord | undefined, launcher: LauncherWord, marked = 0, boot = BOOT) =>
  judgeRecovery(record, launcher, { marked }, boot);

function settled(action: RecoveryAction) {
  assert.equal(action.action, 'settle');
  const { outcome, killFirst, killAfter } = action as Extract<RecoveryAction, { action: 'settle' }>;
  return { status: outcome.status, errorType: outcome.errorType, exit: outcome.exit, killFirst, killAfter };
}

const nothing: LauncherWord = { word: 'nothing' };
const gone: LauncherWord = { word: 'gone', started: started() };
const lost = { status: 'FAILED', errorType: 'JOB_PROCESS_LOST', exit: null, killFirst: false, killAfter: false };

test('row 1: a PENDING job that nothing is known of is queued', () => {
  assert.deepEqual(judge(pending(), nothing), { action: 'queue' });
});

test('row 1: with a stop request it is refused first, and STOPPED then', () => {
  assert.deepEqual(judge(pending(stop), nothing), { action: 'refuse' });
  const { status, exit } = settled(judge(pending(stop), { word: 'refused' }));
  assert.deepEqual({ status, exit }, { status: 'STOPPED', exit: null });
});

test("row 2: a claimed job waits for the launcher's word, in either state, stop requested or not", () => {
  for (const record of [pending(), running(), pending(stop)])
    assert.deepEqual(judge(record, { word: 'claimed' }), { action: 'await-launcher' });
});

test('row 3: a failed spawn is a start error', () => {
  const { status, errorType, exit } = settled(judge(pending(), { word: 'failed', failure: 'ENOENT' }));
  assert.deepEqual([status, errorType, exit], ['FAILED', 'JOB_ENTRYPOINT_COMMAND_START_ERROR', null]);
});

test('row 3: a failed spawn after a stop request is STOPPED', () => {
  assert.equal(settled(judge(pending(stop), { word: 'failed', failure: 'ENOENT' })).status, 'STOPPED');
});

test('row 4: a process that runs is adopted, from PENDING and from RUNNING', () => {
  for (const record of [pending(), running()])
    assert.deepEqual(judge(record, { word: 'started', started: started() }), { action: 'adopt', started: started() });
});

test('row 5: an exit becomes the status with its exact code or signal', () => {
  for (const record of [pending(), running()]) {
    const word = (exit = exited(0)): LauncherWord => ({ word: 'exited', started: started(), exited: exit });
    assert.equal(settled(judge(record, word())).status, 'SUCCEEDED');
    for (const exit of [exited(7), exited(null, 'SIGKILL')]) {
      const failed = settled(judge(record, word(exit)));
      assert.deepEqual([failed.status, failed.errorType], ['FAILED', 'JOB_ENTRYPOINT_COMMAND_ERROR']);
      assert.equal(failed.exit, exit);
    }
  }
});

test('row 5: an exit after a durable stop request is STOPPED with its code kept', () => {
  const exit = exited(3);
  const outcome = settled(judge(running(stop), { word: 'exited', started: started(), exited: exit }));
  assert.deepEqual([outcome.status, outcome.exit], ['STOPPED', exit]);
});

test('row 6: leftovers of an exit are killed after the terminal status', () => {
  const outcome = settled(judge(running(), { word: 'exited', started: started(), exited: exited(0) }, 2));
  assert.deepEqual([outcome.status, outcome.killFirst, outcome.killAfter], ['SUCCEEDED', false, true]);
});

test('row 6: leftovers of a stopped job are killed before STOPPED is shown', () => {
  const outcome = settled(judge(running(stop), { word: 'exited', started: started(), exited: exited(0) }, 2));
  assert.deepEqual([outcome.status, outcome.killFirst, outcome.killAfter], ['STOPPED', true, false]);
});

test('row 7: without its launcher what is left is killed and the job is lost, code unknown', () => {
  for (const record of [running(), pending()])
    assert.deepEqual(settled(judge(record, gone, 3)), { ...lost, killFirst: true });
  assert.deepEqual(settled(judge(pending(), { word: 'gone', started: undefined }, 1)), { ...lost, killFirst: true });
});

test('row 8: the same with nothing alive', () => {
  for (const record of [running(), pending()]) assert.deepEqual(settled(judge(record, gone)), lost);
  assert.deepEqual(settled(judge(pending(), { word: 'gone', started: undefined })), lost);
});

test('row 8: a launcher that has forgotten a RUNNING job, or one with living processes, is a launcher gone', () => {
  assert.deepEqual(settled(judge(running(), nothing)), lost);
  assert.deepEqual(settled(judge(pending(), nothing, 1)), { ...lost, killFirst: true });
});

test('row 9: after a restart of the host, or in another pid namespace, no process is signalled', () => {
  for (const boot of [ANOTHER_BOOT, ANOTHER_NAMESPACE]) {
    for (const record of [running(), pending()]) {
      const outcome = settled(judge(record, gone, 1, boot));
      assert.deepEqual(outcome, { ...lost, errorType: 'JOB_HOST_RESTARTED' });
    }
    assert.equal(settled(judge(running(), nothing, 0, boot)).errorType, 'JOB_HOST_RESTARTED');
  }
});

test('row 10: a stop that was asked for goes on', () => {
  for (const record of [pending(stop), running(stop)])
    assert.equal(judge(record, { word: 'started', started: started() }).action, 'go-on-stopping');
});

test('row 10: a durable stop request outranks every loss, and no code is invented', () => {
  for (const boot of [BOOT, ANOTHER_BOOT]) {
    const outcome = settled(judge(running(stop), gone, 0, boot));
    assert.deepEqual([outcome.status, outcome.exit], ['STOPPED', null]);
  }
  assert.equal(settled(judge(running(stop), gone, 2)).killFirst, true);
});

test('row 11: a mark whose job is over, or has no record, is an orphan', () => {
  for (const status of JOB_STATUSES.filter(isTerminal)) {
    assert.deepEqual(judge(running({ status }), nothing, 1), { action: 'kill-orphans' });
    assert.deepEqual(judge(running({ status }), nothing), { action: 'leave' });
  }
  assert.deepEqual(judge(undefined, nothing, 1), { action: 'kill-orphans' });
  assert.deepEqual(judge(undefined, nothing), { action: 'leave' });
});

const anyRecord = fc
  .record({
    status: fc.constantFrom(...JOB_STATUSES),
    stopRequestedAtMs: fc.constantFrom(null, 5),
    process: fc.constantFrom(null, started()),
  })
  .map((fields) => pending(fields));
const anyWord = fc.constantFrom<LauncherWord>(
  nothing,
  { word: 'claimed' },
  { word: 'refused' },
  { word: 'failed', failure: 'x' },
  { word: 'started', started: started() },
  { word: 'exited', started: started(), exited: exited(0) },
  { word: 'exited', started: started(), exited: exited(null, 'SIGKILL') },
  gone,
  { word: 'gone', started: undefined },
);
const anyBoot = fc.constantFrom(BOOT, ANOTHER_BOOT, ANOTHER_NAMESPACE);

test('no edge leaves a terminal status, and a stop request ends in nothing but STOPPED', () => {
  fc.assert(
    fc.property(anyRecord, anyWord, fc.nat(2), anyBoot, (record, word, marked, boot) => {
      const action = judgeRecovery(record, word, { marked }, boot);
      if (isTerminal(record.status)) {
        assert.ok(action.action === 'leave' || action.action === 'kill-orphans');
        assert.equal(withProcess(record, started(), 'actor_1', 0), undefined);
        for (const status of ['SUCCEEDED', 'FAILED', 'STOPPED'] as const) {
          const outcome = { status, errorType: null, exit: null, message: '' };
          assert.equal(withOutcome(record, outcome, { process: null, stopReport: null, atMs: 0 }), undefined);
        }
      } else if (action.action === 'settle') {
        const runningFirst = action.outcome.exit !== null && record.status === 'PENDING';
        assert.ok(canBecome(runningFirst ? 'RUNNING' : record.status, action.outcome.status));
        if (record.stopRequestedAtMs !== null) assert.equal(action.outcome.status, 'STOPPED');
      }
    }),
    { numRuns: 2000 },
  );
});

test('nothing is signalled that belongs to another boot or namespace', () => {
  fc.assert(
    fc.property(anyRecord, anyWord, fc.nat(2), (record, word, marked) => {
      const action = judgeRecovery({ ...record, process: started() }, word, { marked }, ANOTHER_BOOT);
      if (action.action === 'settle' && action.outcome.exit === null) assert.equal(action.killFirst, false);
    }),
  );
});

test('what a dead launcher left in its journal is its last word, and no promise of another', () => {
  const report = { attemptId: 'attempt_1', jobId: 'job_1' };
  assert.deepEqual(toLauncherWord(undefined), nothing);
  assert.deepEqual(toLauncherWord({ ...report, phase: 'claimed' }), { word: 'claimed' });
  assert.deepEqual(toLauncherWord({ ...report, phase: 'claimed', isOrphaned: true }), {
    word: 'gone',
    started: undefined,
  });
  assert.deepEqual(toLauncherWord({ ...report, phase: 'started', started: started(), isOrphaned: true }), gone);
});

test('the processes are looked at where the launcher cannot know, and something may have run', () => {
  const asked = (record: JobRecord, word: LauncherWord) => needsLook(record, word);
  assert.ok(asked(pending(), nothing) && asked(running(), nothing) && asked(running(stop), nothing));
  assert.ok(asked(pending(), gone));
  assert.ok(asked(running(), { word: 'exited', started: started(), exited: exited(0) }));
  assert.ok(!asked(pending(stop), nothing), 'what is to end and was never started needs only a refusal');
  for (const word of ['claimed', 'refused'] as const) assert.ok(!asked(running(), { word }));
  assert.ok(!asked(running(), { word: 'started', started: started() }));
});
