/** What the Ray side does when its runner misbehaves. The runner here is a shell script in Python's place. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRayPrograms } from './ray-side.ts';

const LINE = '{"program": "a", "output": "one\\\\n", "error": null, "seconds": 0.5}';

async function inPlaceOfPython(script: string, use: (python: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-ray-side-'));
  try {
    const python = join(folder, 'python');
    await writeFile(python, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await use(python);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a runner that ends early fails with what it said, after the programs that it has run', async () => {
  await inPlaceOfPython(`echo '${LINE}'; echo "Check failed" >&2; exit 6`, async (python) => {
    const runs = runRayPrograms(python, ['a', 'b']);
    assert.deepEqual((await runs.next()).value, { output: 'one\n', error: undefined, durationMs: 500 });
    await assert.rejects(
      runs.next(),
      /^Error: Cannot run the Ray programs: .*\(exit code 6\) before 1 of them\nCheck failed/,
    );
  });
});

test('a runner that no longer answers is ended, with what it has started', async () => {
  await inPlaceOfPython(`echo '${LINE}'; sleep 600 & wait`, async (python) => {
    const runs = runRayPrograms(python, ['a', 'b'], 3_000);
    await runs.next();
    await assert.rejects(runs.next(), /\(signal SIGKILL\) before 1 of them/); // Not before all its pipes are closed.
  });
});

test('a consumer that leaves early leaves no runner behind', { timeout: 20_000 }, async () => {
  await inPlaceOfPython(`echo '${LINE}'; sleep 600 & wait`, async (python) => {
    for await (const run of runRayPrograms(python, ['a', 'b'])) {
      assert.equal(run.output, 'one\n');
      break;
    }
  });
});

test('a Python that is not there is told', async () => {
  await assert.rejects(runRayPrograms('/no/such/python', ['a']).next(), /ENOENT/);
});
