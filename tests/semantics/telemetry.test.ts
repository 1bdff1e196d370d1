/** OpenTelemetry spans of calls and tasks, with a real SDK in every thread. In a program of its own: an SDK is global. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRuntime } from '@heddle/actors';
import { runProgram } from '../support/run-program.ts';

interface SpanLine {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
  readonly threadId: number;
  readonly failed: boolean;
}

test('a call is a span at its owner, its run a child of it in another thread, and what it calls is in the same trace', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-spans-'));
  const file = join(folder, 'spans');
  try {
    const { code, stderr } = await runProgram('traced-program', { HEDDLE_TEST_SPANS: file });
    assert.equal(code, 0, stderr);
    const spans = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as SpanLine);
    const byName = new Map(spans.map((span) => [span.name, span]));
    const chain = ['parentOf remote', 'parentOf', 'square remote', 'square'].map((name) => byName.get(name)!);
    for (const [index, span] of chain.entries()) {
      assert.equal(span.traceId, chain[0]!.traceId);
      if (index > 0) assert.equal(span.parent, chain[index - 1]!.spanId, `${span.name} is a child of the one before`);
    }
    assert.ok(chain[0]!.threadId === 0 && chain[1]!.threadId > 0);
    assert.ok(byName.get('Counter.fail')!.failed && byName.get('Counter.fail remote')!.failed);
    assert.equal(byName.get('Counter.fail')!.parent, byName.get('Counter.fail remote')!.spanId);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a telemetry module that is no URL, or that fails, is refused by name', async () => {
  await assert.rejects(startRuntime({ telemetry: 'otel' }), { name: 'TypeError', message: /telemetry "otel"/ });
  await assert.rejects(startRuntime({ telemetry: new URL('./no-such.ts', import.meta.url) }), {
    name: 'TypeError',
    message: /no-such\.ts": the module failed/,
  });
});
