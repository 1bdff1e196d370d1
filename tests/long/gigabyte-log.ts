/** A log of 1 GiB through everything that reads one: `npm run test:long`. Takes about half a minute and 1 GiB of disk. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DaemonHarness } from '../../packages/cli/src/testing/daemon-harness.ts';

const GIB = 2 ** 30;
const LINE = `${'0123456789abcdef'.repeat(8)}\n`;
const HEAP_BYTES_MAX = 300e6;

/** The most memory that the process has had at once: more than its heap. */
function peakBytes(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kib) * 1024;
}

const HEDDLE = fileURLToPath(new URL('../../packages/cli/src/testing/heddle.ts', import.meta.url));

/** How many bytes a command prints: more than a string would hold. */
const countPrinted = (words: string): number =>
  Number(
    execFileSync('/bin/sh', ['-c', `"$0" --conditions=heddle-source "$1" ${words} | wc -c`, process.execPath, HEDDLE]),
  );

test('a log of 1 GiB is followed, streamed and read over HTTP while the daemon stays below 300 MB', async () => {
  await using harness = await DaemonHarness.start();
  const { client, daemon } = harness;
  const lines = Math.ceil(GIB / LINE.length);
  const id = await client.submitJob({ entrypoint: `yes ${LINE.trim()} | head -n ${lines}` });

  let followedBytes = 0;
  for await (const { text } of client.tailJobLogChunks(id)) followedBytes += text.length;
  const { status, logBytes, logStartOffset } = await client.getJobInfo(id);
  assert.equal(status, 'SUCCEEDED');
  assert.ok(logBytes - logStartOffset <= GIB + 200, 'within its limit, and the marker');
  assert.ok(followedBytes >= GIB, 'all of it was followed');

  let streamedBytes = 0;
  for await (const piece of client.streamJobLog(id)) streamedBytes += piece.length;
  assert.equal(streamedBytes, logBytes);
  assert.equal(await client.getJobLogs(id, { offset: logStartOffset, limit: LINE.length }), LINE);

  const answer = await fetch(`${client.address}/api/jobs/${id}/logs`);
  let answeredBytes = 0;
  for await (const piece of answer.body!) answeredBytes += piece.length;
  assert.ok(answeredBytes > GIB, 'the whole of it as JSON');

  assert.equal(countPrinted(`job logs ${id} --address ${client.address}`), logBytes);
  const peak = peakBytes(daemon.child.pid!);
  assert.ok(peak < HEAP_BYTES_MAX, `the daemon had ${Math.round(peak / 1e6)} MB at most`);
  console.log(`daemon at its largest: ${Math.round(peak / 1e6)} MB`);
});
