import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { LockedError } from './errors.ts';
import { FileLock } from './file-lock.ts';
import { HeldLock, readLockHolder } from './held-lock.ts';
import { firstWords } from './testing/first-words.ts';

class LockHarness implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'heddle-lock-'));
  readonly file = join(this.directory, 'test.lock');
  readonly #children: ChildProcess[] = [];

  /** Another process that runs `code` with `FileLock` and `file` in scope; `said` is its first line. */
  async process(code: string): Promise<{ readonly child: ChildProcess; readonly said: string }> {
    const module = new URL('./held-lock.ts', import.meta.url).href;
    const script = `const { HeldLock } = await import(${JSON.stringify(module)}); const file = ${JSON.stringify(this.file)}; ${code}`;
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    return { child, said: await firstWords(child) };
  }

  /** Another process that holds the lock. */
  async holder(): Promise<ChildProcess> {
    const { child, said } = await this.process(
      'const lock = HeldLock.take(file, { pid: process.pid }); process.stdout.write(lock ? "held" : "refused"); process.stdin.resume();',
    );
    assert.equal(said, 'held');
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.directory, { recursive: true });
  }
}

test('a lock is refused while this very process has it, and that opens no door to others', async () => {
  await using harness = new LockHarness();
  using _lock = FileLock.acquire(harness.file, { pid: process.pid });
  for (let again = 0; again < 2; again++) {
    assert.throws(
      () => FileLock.acquire(harness.file, { pid: process.pid }),
      (error) => error instanceof LockedError && error.holderPid === process.pid,
    );
  }
  const { said } = await harness.process(
    'process.stdout.write(HeldLock.take(file, { pid: process.pid }) === undefined ? "refused" : "held")',
  );
  assert.equal(said, 'refused');
});

test('a lock is refused to another thread of the process', async () => {
  await using harness = new LockHarness();
  using _lock = FileLock.acquire(harness.file, { pid: process.pid });
  const code = `const { HeldLock } = await import(${JSON.stringify(new URL('./held-lock.ts', import.meta.url).href)});
    const { parentPort, workerData } = await import('node:worker_threads');
    parentPort.postMessage(HeldLock.take(workerData, { pid: process.pid }) === undefined)`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: harness.file });
  const [isRefused] = await once(worker, 'message');
  await worker.terminate();
  assert.equal(isRefused, true);
});

test('a name that a dead holder has left is no holder, though its pid is another process now', async (t) => {
  if (!existsSync('/proc/locks')) return t.skip('this kernel does not tell who holds a lock');
  await using harness = new LockHarness();
  writeFileSync(harness.file, '');
  writeFileSync(`${harness.file}.holder`, JSON.stringify({ pid: process.pid }));
  assert.equal(readLockHolder(harness.file), undefined);
});

test('a refusal names the process that holds the lock, and the lock is free at once after kill -9', async () => {
  await using harness = new LockHarness();
  const holder = await harness.holder();
  assert.equal(readLockHolder(harness.file), holder.pid);
  assert.throws(() => FileLock.acquire(harness.file, { pid: process.pid }), {
    code: 'LOCKED',
    holderPid: holder.pid,
    message: `Cannot lock "${harness.file}": it is held by process ${holder.pid}`,
  });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.equal(readLockHolder(harness.file), undefined);
  using _lock = FileLock.acquire(harness.file, { pid: process.pid });
  assert.equal(readLockHolder(harness.file), process.pid);
});

test('a lock is held even when nobody holds on to the object', async () => {
  await using harness = new LockHarness();
  await harness.process(
    'HeldLock.take(file, { pid: process.pid }); gc(); process.stdout.write("held"); process.stdin.resume();',
  );
  assert.throws(() => FileLock.acquire(harness.file, { pid: process.pid }), LockedError);
});

test('disposing leaves no file and frees the lock, twice as once', async () => {
  await using harness = new LockHarness();
  const lock = FileLock.acquire(harness.file, { pid: process.pid });
  lock[Symbol.dispose]();
  lock[Symbol.dispose]();
  assert.deepEqual(readdirSync(harness.directory), []);
  assert.equal((await harness.holder()).exitCode, null);
});

test('of many who take and remove the lock again and again never two have it', async () => {
  await using harness = new LockHarness();
  const ledger = join(harness.directory, 'ledger');
  const code = `const { appendFileSync } = await import('node:fs');
    for (let held = 0; held < 100; ) {
      const lock = HeldLock.take(file, { pid: process.pid });
      if (lock === undefined) continue;
      held++;
      appendFileSync(${JSON.stringify(ledger)}, 'in ' + process.pid + '\\n');
      appendFileSync(${JSON.stringify(ledger)}, 'out ' + process.pid + '\\n');
      lock[Symbol.dispose]();
    }
    process.stdout.write('done');`;
  await Promise.all([1, 2, 3].map(() => harness.process(code)));
  const lines = readFileSync(ledger, 'utf8').trim().split('\n');
  assert.equal(lines.length, 600);
  for (let at = 0; at < lines.length; at += 2)
    assert.equal(lines[at + 1], lines[at]!.replace('in', 'out'), `two had the lock at line ${at}`);
  assert.equal(existsSync(harness.file), false);
});

test('a lock in a directory that is not there is no lock that somebody holds', async () => {
  await using harness = new LockHarness();
  assert.throws(
    () => HeldLock.take(join(harness.directory, 'nowhere', 'lock'), { pid: process.pid }),
    /unable to open database file/,
  );
});
