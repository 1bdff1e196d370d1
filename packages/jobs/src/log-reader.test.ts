import assert from 'node:assert/strict';
import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { JobLogTooLargeError } from './errors.ts';
import { LOG_ANSWER_BYTES_MAX, quoteLastLines, readLastLines, readLog } from './log-reader.ts';

async function tempLog(content: string | Uint8Array) {
  const directory = await mkdtemp(join(tmpdir(), 'heddle-log-'));
  const file = join(directory, 'job.log');
  await writeFile(file, content);
  return {
    file,
    append: (text: string) => appendFile(file, text),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

test('a log that does not exist reads as empty', async () => {
  assert.equal((await readLog('/nonexistent/job.log')).length, 0);
  assert.equal((await readLastLines('/nonexistent/job.log', 3)).length, 0);
  assert.equal(await quoteLastLines('/nonexistent/job.log', 3, 100), '');
});

test('a range is cut to what is written', async () => {
  await using log = await tempLog('0123456789');
  assert.equal((await readLog(log.file)).toString(), '0123456789');
  assert.equal((await readLog(log.file, { offset: 4 })).toString(), '456789');
  assert.equal((await readLog(log.file, { offset: 4, limit: 2 })).toString(), '45');
  assert.equal((await readLog(log.file, { offset: 8, limit: 50 })).toString(), '89');
  assert.equal((await readLog(log.file, { offset: 50 })).toString(), '');
});

test('the last lines of a log are those that splitting the whole gives, wherever reading begins', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', '\r', '𝄞'), maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.boolean(), fc.nat(14), async (lines, ended, count) => {
      const text = lines.join('\n') + (ended && lines.length > 0 ? '\n' : '');
      await using log = await tempLog(text);
      const all = text.split(/(?<=\n)/);
      const expected = count === 0 ? '' : all.slice(-count).join('');
      assert.equal((await readLastLines(log.file, count)).toString(), expected);
    }),
    { numRuns: 100 },
  );
});

test('the last lines are found across many blocks', async () => {
  const lines = Array.from({ length: 5000 }, (_, at) => `line ${at} ${'x'.repeat(at % 97)}\n`);
  await using log = await tempLog(lines.join(''));
  assert.equal((await readLastLines(log.file, 4321)).toString(), lines.slice(-4321).join(''));
  assert.equal(await quoteLastLines(log.file, 10, 20_000), lines.slice(-10).join(''));
});

test('a quote never reaches before its offset, nor beyond its characters, nor through a character', async () => {
  await using log = await tempLog('header\nwords\n');
  assert.equal(await quoteLastLines(log.file, 10, 100, 7), 'words\n');
  assert.equal(await quoteLastLines(log.file, 10, 3, 7), 'ds\n');
  assert.equal(await quoteLastLines(log.file, 10, 100, 13), '');
  await using long = await tempLog(`x${'𝄞'.repeat(50_000)}\n`);
  const quote = await quoteLastLines(long.file, 10, 20_000);
  assert.equal(quote, `${'𝄞'.repeat(9_999)}\n`);
});

test('a log too large for one answer is refused by name, not by running out of memory', async () => {
  await using log = await tempLog('');
  const handle = await open(log.file, 'r+');
  await handle.truncate(LOG_ANSWER_BYTES_MAX + 1); // Sparse: takes no room.
  await handle.close();
  await assert.rejects(readLog(log.file), JobLogTooLargeError);
  assert.equal((await readLog(log.file, { offset: LOG_ANSWER_BYTES_MAX })).length, 1);
});
