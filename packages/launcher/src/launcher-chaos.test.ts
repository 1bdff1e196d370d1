import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { delay, HeddleError, realClock } from '@heddle/base';
import type { LauncherClient } from './launcher-client.ts';
import { killMarked } from './marked-processes.ts';
import { isAlive } from './process-table.ts';
import { LauncherHarness, until } from './testing/harness.ts';

/** Each launcher is killed when it has told so many exits. */
const KILLS_AFTER = [0, 0, 1, 2, 4, 6, 9, 11];
const JOBS = 12;

/** What the daemon learns of one attempt: its exit code, or that it cannot be known. */
async function learn(launcher: LauncherClient, harness: LauncherHarness, id: string, code: number) {
  const command = `echo ${id} >>${join(harness.directory, 'ledger')}; exit ${code}`;
  try {
    await launcher.launch(harness.request(id, command));
    return (await launcher.exited(id)).code;
  } catch (error) {
    assert.ok(error instanceof HeddleError && error.code === 'LAUNCHER_GONE', String(error));
    return null;
  }
}

test('however a launcher is killed no attempt starts twice, and a code that is told is the right one', async () => {
  await using harness = new LauncherHarness();
  for (const [round, killAfter] of KILLS_AFTER.entries()) {
    const ids = Array.from({ length: JOBS }, (_, index) => `a${round}-${index}`);
    const first = await harness.open();
    let told = 0;
    const learning = Promise.all(
      ids.map((id, index) => learn(first, harness, id, index + 1).finally(() => (told += 1))),
    );
    await until('it is time', () => told >= killAfter);
    await harness.killLauncher(first.pid);
    const before = await learning;

    const second = await harness.open();
    const after = await Promise.all(ids.map((id, index) => learn(second, harness, id, index + 1)));
    for (const [index] of ids.entries()) {
      assert.ok(before[index] === null || before[index] === index + 1);
      assert.ok(after[index] === null || after[index] === index + 1);
      if (before[index] !== null) assert.equal(after[index], before[index], 'an exit that was told is forgotten');
    }
    await killMarked(harness.markPrefix, realClock);
  }
  const ledger = existsSync(join(harness.directory, 'ledger'))
    ? readFileSync(join(harness.directory, 'ledger'), 'utf8').trim().split('\n')
    : [];
  assert.equal(new Set(ledger).size, ledger.length, 'an attempt has started twice');
  assert.ok(ledger.length > JOBS);
});

test('clients that come while a launcher leaves find it or the next one, never an error', async () => {
  await using harness = new LauncherHarness({ idleMs: 0 });
  const pids = new Set<number>();
  for (let round = 0; round < 12; round++) {
    const clients = await Promise.all([harness.open(), harness.open()]);
    assert.equal(clients[0].pid, clients[1].pid);
    pids.add(clients[0].pid);
    await clients[0].refuse(`a${round}`, 'job');
    for (const client of clients) await client[Symbol.asyncDispose]();
    await delay(realClock, round % 5);
  }
  const last = await harness.open();
  assert.equal((await last.reports()).length, 12);
  await last[Symbol.asyncDispose]();
  await until('all have left', () => ![...pids, last.pid].some(isAlive));
});
