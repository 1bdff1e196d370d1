import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTerminal } from '@heddle/api';
import { delay, realClock } from '@heddle/base';
import { Fleet, type Plan } from './fleet.ts';

const JOBS = 20;

/** Ends of all kinds, spread over a second or so. */
const planOf = (at: number): Plan => ({
  lines: 10 + (at % 7) * 5,
  pauseMs: 20,
  end: at % 5 === 4 ? 'SIGKILL' : at % 4,
});

/** In flight until the oracle is asked. */
const HELD: Plan = { lines: 10, pauseMs: 30, end: 3, isHeld: true };

async function launch(fleet: Fleet): Promise<void> {
  await fleet.canary({ lines: 1_000_000, pauseMs: 20, end: 0 });
  const short = Array.from({ length: JOBS - 1 }, (_, at) => planOf(at));
  await Promise.all([HELD, ...short].map((plan) => fleet.submit(plan)));
}

test('S4: kill -9 of the daemon and its process group with 20 jobs in flight loses, repeats and invents nothing', async () => {
  await using fleet = await Fleet.open();
  const { launcherPid } = await fleet.startDaemon();
  await launch(fleet);
  await fleet.until(({ status }) => status !== 'PENDING');
  await fleet.daemon.kill();

  const next = await fleet.startDaemon();
  assert.equal(next.launcherPid, launcherPid, 'the launcher outlives the daemon');
  const { recovered } = await next.stats();
  assert.deepEqual([recovered.queued, recovered.lost], [0, 0]);
  const taken = recovered.adopted + recovered.settled; // A job that was over before the kill is neither.
  assert.ok(taken >= 1 && taken <= JOBS, JSON.stringify(recovered));
  await fleet.check();
});

test('S7: kill -9 while jobs are being submitted: every id that was returned runs once', async () => {
  await using fleet = await Fleet.open();
  await fleet.startDaemon();
  const submitting = Promise.allSettled(Array.from({ length: 40 }, (_, at) => fleet.submit(planOf(at))));
  while (fleet.plans.size < 5) await delay(realClock, 1);
  await fleet.daemon.kill();
  await submitting;

  await fleet.startDaemon();
  const returned = fleet.plans.size;
  assert.ok(returned >= 5);
  await fleet.check();
});

test('kill -9 again and again, wherever recovery then is', async () => {
  await using fleet = await Fleet.open();
  await fleet.startDaemon();
  await launch(fleet);
  await fleet.daemon.kill();
  for (const afterMs of [250, 350, 450, 550]) await fleet.killStartingDaemon(afterMs);
  await fleet.startDaemon();
  await fleet.check();
});

/** A linear congruential generator: the same seed, the same kills. */
function* numbersFrom(seed: number): Generator<number, never, void> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

test('whoever is killed at whatever moment, and whoever after him', async () => {
  const numbers = numbersFrom(20_261_121);
  const draw = (below: number): number => (numbers.next().value >>> 8) % below;
  await using fleet = await Fleet.open();
  await fleet.startDaemon();
  const victims: string[] = [];
  for (let kills = 0; kills < 8; kills++) {
    await Promise.all(Array.from({ length: 4 }, () => fleet.submit(planOf(draw(20)))));
    await delay(realClock, draw(200));
    const victim = (['daemon', 'launcher', 'system thread', 'both'] as const)[draw(4)]!;
    victims.push(victim);
    if (victim === 'system thread') await fleet.daemon.call('terminateSystemThread');
    if (victim === 'launcher' || victim === 'both') await fleet.killLauncher();
    if (victim === 'daemon' || victim === 'both') {
      await fleet.daemon.kill();
      await fleet.startDaemon();
    }
  }
  assert.ok(new Set(victims).size >= 3, victims.join(', '));
  await fleet.check();
});

test('kill -9 of the launcher with 20 jobs in flight: those that ran are honestly lost, and nothing of them lives', async () => {
  await using fleet = await Fleet.open();
  const daemon = await fleet.startDaemon();
  await launch(fleet);
  await fleet.until(({ status }) => status !== 'PENDING');
  const running = (await daemon.list())
    .filter(({ status }) => status === 'RUNNING')
    .map(({ submissionId }) => submissionId);
  await fleet.killLauncher();
  const jobs = await fleet.check();
  const lost = [...jobs.values()].filter(({ errorType }) => errorType === 'JOB_PROCESS_LOST');
  assert.ok(lost.length > 0 && lost.length <= running.length);
  await fleet.submit({ lines: 1, pauseMs: 0, end: 9 });
  await fleet.check();
});

test('kill -9 of launcher and daemon together', async () => {
  await using fleet = await Fleet.open();
  const daemon = await fleet.startDaemon();
  await launch(fleet);
  await fleet.until(({ status }) => status !== 'PENDING');
  await fleet.killLauncher();
  await daemon.kill();
  await fleet.startDaemon();
  await fleet.check();
});

test('S3: the death of the system thread with 20 jobs in flight changes no end and no log', async () => {
  await using fleet = await Fleet.open();
  const daemon = await fleet.startDaemon();
  await launch(fleet);
  await fleet.until(({ status }) => status !== 'PENDING');
  await daemon.call('terminateSystemThread');
  await fleet.until(({ status, supervisorRestarts }) => isTerminal(status) || supervisorRestarts === 1);
  const jobs = await fleet.check();
  assert.ok([...jobs.values()].some(({ supervisorRestarts }) => supervisorRestarts === 1));
});

test('a manager that is closed and opened anew with 20 jobs in flight keeps every supervisor', async () => {
  await using fleet = await Fleet.open();
  const daemon = await fleet.startDaemon();
  await launch(fleet);
  const before = await fleet.until(({ status }) => status !== 'PENDING');
  await daemon.call('reopenManager');
  const after = await fleet.check();
  for (const [id, { supervisorActorId, supervisorRestarts }] of after)
    assert.deepEqual([supervisorActorId, supervisorRestarts], [before.get(id)!.supervisorActorId, 0], id);
});

test('S2: a daemon that was suspended for longer than every ping fails no job', async () => {
  await using fleet = await Fleet.open();
  const daemon = await fleet.startDaemon({ pingPeriodMs: 50, pingTimeoutMs: 100, pingThreshold: 1 });
  await launch(fleet);
  process.kill(daemon.pid, 'SIGSTOP');
  await delay(realClock, 500);
  process.kill(daemon.pid, 'SIGCONT');
  await fleet.check();
});
