import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LogChunk } from '@heddle/api';
import { realClock } from '@heddle/base';
import fc from 'fast-check';
import { tailLog } from './log-tail.ts';
import type { LogWatchKind } from './log-watch.ts';

/** A job whose log and end are the test's to make. */
class WrittenJob implements AsyncDisposable {
  readonly directory: string;
  readonly file: string;
  readonly #listeners = new Set<() => void>();
  #over = false;

  constructor(directory: string) {
    this.directory = directory;
    this.file = join(directory, 'job.log');
  }

  static async open(): Promise<WrittenJob> {
    return new WrittenJob(await mkdtemp(join(tmpdir(), 'heddle-tail-')));
  }

  write = (bytes: string | Uint8Array) => appendFile(this.file, bytes);

  change(over = false): void {
    this.#over = over;
    for (const listener of [...this.#listeners]) listener();
  }

  isOver = () => this.#over;

  mayHaveLog = () => true;

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    assert.equal(this.#listeners.size, 0, 'no tail listens any more');
    await rm(this.directory, { recursive: true });
  }
}

async function collect(chunks: AsyncIterable<LogChunk>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk.text;
  return text;
}

test('a tail of a job that is over gives the whole log and ends', async () => {
  await using job = await WrittenJob.open();
  await job.write('one\ntwo\n');
  job.change(true);
  assert.equal(await collect(tailLog(job.file, job, realClock)), 'one\ntwo\n');
});

test('a tail of a job that never wrote is empty and ends with the job', async () => {
  await using job = await WrittenJob.open();
  const text = collect(tailLog(job.file, job, realClock));
  job.change();
  job.change(true);
  assert.equal(await text, '');
});

for (const watchKind of ['notification', 'polling'] satisfies LogWatchKind[]) {
  test(`a tail follows what is written, by ${watchKind}, and ends after the terminal status`, async () => {
    await using job = await WrittenJob.open();
    const chunks = tailLog(job.file, job, realClock, { watchKind });
    const first = chunks.next();
    await job.write('a');
    job.change(); // RUNNING: the log exists.
    assert.deepEqual((await first).value, { text: 'a', nextOffset: 1 });
    for (const [at, letter] of [...'bcd'].entries()) {
      const next = chunks.next();
      await job.write(letter);
      assert.deepEqual((await next).value, { text: letter, nextOffset: at + 2 });
    }
    const rest = collect(chunks);
    await job.write('last');
    job.change(true);
    assert.equal(await rest, 'last');
  });
}

test('S9: a tail that waits for a log which may come follows it, though nobody tells that it is there', async () => {
  await using job = await WrittenJob.open();
  const chunks = tailLog(job.file, job, realClock);
  const first = chunks.next();
  await settled(); // The tail has looked, and found nothing.
  await job.write('a set-up says');
  assert.equal((await first).value?.text, 'a set-up says');
  const next = chunks.next();
  await job.write(' more');
  assert.equal((await next).value?.text, ' more');
  await chunks.return();
});

test('a character that is being written arrives whole, and a broken one at the end as U+FFFD', async () => {
  await using job = await WrittenJob.open();
  await job.write(Buffer.from('a€').subarray(0, 2));
  const chunks = tailLog(job.file, job, realClock);
  assert.equal((await chunks.next()).value?.text, 'a');
  const next = chunks.next();
  await job.write(Buffer.concat([Buffer.from('€').subarray(1), Buffer.from([0xf0, 0x9f])]));
  assert.deepEqual((await next).value, { text: '€', nextOffset: 4 });
  const rest = collect(chunks);
  job.change(true);
  assert.equal(await rest, '\ufffd');
});

test('S9: a tail resumed at any offset that it named goes on without a gap or a repetition', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), fc.nat(40), async (text, cut) => {
      await using job = await WrittenJob.open();
      const bytes = Buffer.from(text);
      await job.write(bytes.subarray(0, cut));
      const first = tailLog(job.file, job, realClock);
      const chunk = bytes.length > 0 && cut > 0 ? await Promise.race([first.next(), settled()]) : undefined;
      const read = chunk?.value?.text ?? '';
      const offset = chunk?.value?.nextOffset ?? 0;
      await job.write(bytes.subarray(cut));
      job.change(true);
      assert.equal(read + (await collect(tailLog(job.file, job, realClock, { offset }))), bytes.toString());
      await collect(first);
    }),
    { numRuns: 20 },
  );
});

/** Resolves after whatever a read of a small file takes: for a tail that may have nothing whole to say yet. */
const settled = () => new Promise<undefined>((resolve) => realClock.after(20, () => resolve(undefined)));

test('a tail ends with the reason of its signal', async () => {
  await using job = await WrittenJob.open();
  await job.write('a');
  const abort = new AbortController();
  const chunks = tailLog(job.file, job, realClock, { signal: abort.signal });
  await chunks.next();
  const next = chunks.next();
  abort.abort(new Error('enough'));
  await assert.rejects(next, { message: 'enough' });
});

test('a reader that breaks off leaves nothing behind', async () => {
  await using job = await WrittenJob.open();
  await job.write('a');
  for await (const chunk of tailLog(job.file, job, realClock)) {
    assert.equal(chunk.text, 'a');
    break;
  }
});

test('a large log arrives in order, in pieces that a slow reader can bear', async () => {
  await using job = await WrittenJob.open();
  const lines = Array.from({ length: 40_000 }, (_, at) => `line ${at}\n`).join('');
  await job.write(lines);
  job.change(true);
  let text = '';
  for await (const chunk of tailLog(job.file, job, realClock)) {
    assert.ok(chunk.text.length <= 64 * 1024);
    text += chunk.text;
  }
  assert.equal(text, lines);
});
