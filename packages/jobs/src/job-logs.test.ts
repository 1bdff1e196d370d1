/** What jobs write, to the last byte: long lines, bytes that are no text, followers, limits. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { test } from 'node:test';
import { JobsHarness } from './testing/jobs-harness.ts';

const MIB = 1024 * 1024;

async function read(log: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of log) {
    assert.ok(piece.length <= 64 * 1024, 'a piece is small, however long the log or its lines');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

test('S9: a line of 64 MiB passes whole, followed and streamed, in small pieces', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit(`head -c ${64 * MIB} /dev/zero | tr '\\0' x; echo; echo end`);
  const followed = createHash('sha256');
  for await (const text of harness.manager.tailJobLogs(id)) followed.update(text);
  const { logBytes, logStartOffset, status } = await harness.info(id);
  assert.equal(status, 'SUCCEEDED');
  assert.equal(logBytes, logStartOffset + 64 * MIB + '\nend\n'.length);
  const streamed = createHash('sha256');
  for await (const piece of await harness.manager.streamJobLog(id)) streamed.update(piece);
  assert.equal(streamed.digest('hex'), followed.digest('hex'));
  assert.equal(await harness.manager.getJobLogs(id, { tail: 1 }), 'end\n');
});

test('S9: NUL bytes and bytes that are not UTF-8 are kept as they are, and read as U+FFFD', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit("printf 'a\\000b\\377\\360\\237\\230\\nc\\303'");
  let followed = '';
  for await (const text of harness.manager.tailJobLogs(id)) followed += text;
  const { logStartOffset } = await harness.info(id);
  const bytes = await read(await harness.manager.streamJobLog(id, { offset: logStartOffset }));
  assert.deepEqual(bytes, Buffer.from('610062fff09f980a63c3', 'hex'));
  assert.equal(await harness.output(id), 'a\0b\ufffd\ufffd\nc\ufffd');
  assert.ok(followed.endsWith('a\0b\ufffd\ufffd\nc\ufffd'));
});

/** So many lines in a row in time are no luck; a loaded machine may need some more lines until it has them. */
const IN_A_ROW = 10;
const LINES_MAX = 1_000;

test('S9: a follower has a line within 100 ms of its being written', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit('while sleep 0.05; do date +%s%N; done');
  const delaysMs: number[] = [];
  const areInTime = () => delaysMs.length >= IN_A_ROW && delaysMs.slice(-IN_A_ROW).every((delayMs) => delayMs <= 100);
  for await (const text of harness.manager.tailJobLogs(id)) {
    const atMs = Date.now();
    for (const line of text.split('\n').filter((each) => /^\d{19}$/.test(each)))
      delaysMs.push(atMs - Number(line.slice(0, 13)));
    if (areInTime() || delaysMs.length >= LINES_MAX) break;
  }
  await harness.manager.stopJob(id);
  await harness.untilOver(id);
  assert.ok(areInTime(), `lines took ${delaysMs} ms`);
});

test('a part of a log is streamed as it is read: by range and by its last lines', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit('seq 1 50000');
  await harness.untilOver(id);
  const { manager } = harness;
  for (const part of [{}, { offset: 3 }, { offset: 100_000, limit: 70_000 }, { tail: 20_000 }, { offset: 1e9 }])
    assert.deepEqual(await read(await manager.streamJobLog(id, part)), Buffer.from(await manager.readJobLog(id, part)));
  await assert.rejects(manager.streamJobLog('nobody'), { code: 'JOB_NOT_FOUND' });
  const both = { message: 'Cannot read a log with both tail 3 and limit 4: give one of them' };
  await assert.rejects(manager.getJobLogs(id, { tail: 3, limit: 4 }), both);
});

test('S9: a log that grows beyond its limit is cut, and the job ends as it would have', async () => {
  await using harness = await JobsHarness.open({ logBytesMax: 1000 });
  const id = await harness.submit('seq 1 10000; exit 4');
  const { exitCode, status, logBytes } = await harness.untilOver(id);
  assert.deepEqual([status, exitCode], ['FAILED', 4]);
  const log = await harness.manager.getJobLogs(id);
  assert.match(log.slice(1000), /^\n?\[heddle\] log limit of 1000 bytes reached: \d+ bytes after it were dropped\n$/);
  assert.equal(logBytes, log.length);
});

test('a job may have a shorter log than the daemon lets it, and end for it', async () => {
  await using harness = await JobsHarness.open({ logBytesMax: 100_000 });
  const command = 'trap "exit 0" TERM; seq 1 5000; while :; do sleep 0.01; done';
  const own = { logLimitBytes: 1000, logLimitPolicy: 'stop' } as const;
  const info = await harness.untilOver(await harness.submit(command, own));
  assert.deepEqual([info.status, info.errorType], ['FAILED', 'JOB_LOG_LIMIT_EXCEEDED']);
  assert.deepEqual([info.logLimitBytes, info.logLimitPolicy], [1000, 'stop']);
  const other = await harness.untilOver(await harness.submit('seq 1 5000'));
  assert.deepEqual([other.status, other.logLimitBytes], ['SUCCEEDED', null]);
  await assert.rejects(harness.submit('true', { logLimitBytes: 100_001 }), {
    name: 'RangeError',
    message: /logLimitBytes 100001.*100000/,
  });
});

test('a log of more than one answer can hold is refused, with the limit and what to do', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit('true');
  await harness.untilOver(id);
  await truncate(`${harness.directory}/logs/${id}.log`, 300 * 2 ** 20);
  await assert.rejects(harness.manager.getJobLogs(id), {
    code: 'JOB_LOG_TOO_LARGE',
    message:
      'Cannot read 314572800 bytes of a log at once: the limit is 268435456; give an offset and a limit, or tail',
  });
  assert.equal(await harness.manager.getJobLogs(id, { offset: 0, limit: 7 }), 'Running');
  assert.equal((await harness.manager.readJobLog(id, { offset: 300 * 2 ** 20 - 5 })).length, 5);
});

test('under the policy stop a job with too long a log is FAILED, and says why', async () => {
  await using harness = await JobsHarness.open({ logBytesMax: 1000, logLimitPolicy: 'stop' });
  const id = await harness.submit('trap "exit 0" TERM; seq 1 10000; while :; do sleep 0.01; done');
  const { status, errorType, exitCode, driverPid, stopReport } = await harness.untilOver(id);
  assert.deepEqual([status, errorType, exitCode], ['FAILED', 'JOB_LOG_LIMIT_EXCEEDED', 0]);
  assert.deepEqual(stopReport?.signals[0], { pid: -driverPid!, signal: 'SIGTERM' });
  assert.match(await harness.manager.getJobLogs(id), /^\[heddle\] log limit of 1000 bytes exceeded at \d+ bytes/m);
});
