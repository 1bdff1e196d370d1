/** `kill -9` of the daemon while limits run, between attempts, and during set-ups: what counts is on record. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isTerminal, type JobInfo } from '@heddle/api';
import { delay, realClock, Scope } from '@heddle/base';
import { findMarked } from '@heddle/launcher';
import { Daemon } from './daemon.ts';

/** A directory and the daemon that works in it now. Disposing it proves that no marked process is left. */
class Ground implements AsyncDisposable {
  readonly directory: string;
  #daemon: Daemon | undefined;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<Ground> {
    const ground = new Ground(await mkdtemp(join(tmpdir(), 'heddle-limits-')));
    await ground.start();
    return ground;
  }

  get daemon(): Daemon {
    assert.ok(this.#daemon);
    return this.#daemon;
  }

  async start(): Promise<void> {
    this.#daemon = await Daemon.start({ directory: join(this.directory, 'state'), launcherIdleMs: 200, numCpus: 2 });
  }

  /** Kills the daemon, and after a while starts the next. */
  async restart(afterMs = 0): Promise<void> {
    await this.daemon.kill();
    await delay(realClock, afterMs);
    await this.start();
  }

  async untilOver(id: string): Promise<JobInfo> {
    for (const deadlineMs = realClock.monotonicMs() + 30_000; ; await delay(realClock, 20)) {
      const info = await this.daemon.info(id);
      if (isTerminal(info.status)) return info;
      assert.ok(realClock.monotonicMs() < deadlineMs, `in time, not ${JSON.stringify(info)}`);
    }
  }

  /** How often a line was written to the ledger. */
  async count(line: string): Promise<number> {
    const ledger = await readFile(`${this.directory}/ledger`, 'utf8').catch(() => '');
    return ledger.split('\n').filter((each) => each === line).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using ending = new Scope(); // Last named, first done.
    ending.defer(() => rm(this.directory, { recursive: true, force: true }));
    ending.defer(async () => {
      const identity = (await readFile(join(this.directory, 'state', 'identity'), 'utf8')).trim();
      assert.deepEqual(
        await findMarked(`${identity}:`, join(this.directory, 'state', 'launcher')),
        [],
        'no marked process is left',
      );
    });
    ending.defer(() => this.#daemon?.[Symbol.asyncDispose]());
  }
}

test('kill -9 again and again: time limits, attempts, back-offs and set-ups go on where they were', async () => {
  await using ground = await Ground.open();
  const { directory, daemon } = ground;
  const note = (line: string) => `echo ${line} >> ${directory}/ledger`;
  const flaky = await daemon.submit({
    entrypoint: `${note('flaky')}; sleep 0.2; [ $HEDDLE_JOB_ATTEMPT = 3 ]`,
    maxRetries: 5,
    retryDelayMs: 300,
  });
  const slow = await daemon.submit({ entrypoint: 'sleep 1000', timeoutMs: 2_000 });
  const early = await daemon.submit({ entrypoint: note('early'), entrypointNumCpus: 3, startTimeoutMs: 1_500 });
  const setUp = await daemon.submit({
    entrypoint: note('ran'),
    runtimeEnv: { setup: `${note('set up')}; sleep 1` },
  });
  const shared = await daemon.submit({ entrypoint: 'echo begun; sleep 1000', fateSharing: true });
  while ((await daemon.info(shared)).status !== 'RUNNING') await delay(realClock, 10);

  for (const afterMs of [0, 200, 500]) {
    await ground.restart(afterMs);
    await delay(realClock, 150);
  }

  const again = await ground.untilOver(flaky);
  assert.deepEqual([again.status, again.attempt, again.pastAttempts.length], ['SUCCEEDED', 3, 2]);
  assert.equal(await ground.count('flaky'), 3, 'each attempt was started once');
  const late = await ground.untilOver(slow);
  assert.deepEqual([late.errorType, late.signal], ['JOB_TIMEOUT', 'SIGTERM']);
  assert.ok(late.endTime! - late.startTime! >= 1_900);
  assert.equal((await ground.untilOver(early)).errorType, 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT');
  assert.equal(await ground.count('early'), 0);
  assert.equal((await ground.untilOver(setUp)).status, 'SUCCEEDED');
  assert.deepEqual([await ground.count('set up'), await ground.count('ran')], [1, 1]);
  assert.equal((await ground.untilOver(shared)).errorType, 'JOB_SUPERVISOR_ACTOR_DIED');
});

test('kill -9 of the launcher: what was lost is made again where the job says that once more is fine', async () => {
  await using ground = await Ground.open();
  const { directory, daemon } = ground;
  const entrypoint = `echo x >> ${directory}/ledger; [ $HEDDLE_JOB_ATTEMPT = 2 ] || sleep 1000`;
  const again = await daemon.submit({ entrypoint, maxRetries: 1, retryDelayMs: 10 });
  const lost = await daemon.submit({ entrypoint: 'sleep 1000' });
  while ((await ground.count('x')) === 0) await delay(realClock, 10);
  while ((await daemon.info(lost)).status !== 'RUNNING') await delay(realClock, 10);
  process.kill(daemon.launcherPid, 'SIGKILL');
  const over = await ground.untilOver(again);
  assert.deepEqual([over.status, over.attempt, over.pastAttempts[0]?.errorType], ['SUCCEEDED', 2, 'JOB_PROCESS_LOST']);
  assert.equal(await ground.count('x'), 2);
  assert.equal((await ground.untilOver(lost)).errorType, 'JOB_PROCESS_LOST');
});
