/** The queue with real jobs: what waits, what starts, and that a new daemon goes on where the old one was. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { JobQueueFullError } from './errors.ts';
import { eventually, JobsHarness } from './testing/jobs-harness.ts';

/** A job that writes its name down and ends. */
const note = (harness: JobsHarness, name: string): string => `echo ${name} >> ${harness.directory}/ledger`;
const ledger = async (harness: JobsHarness): Promise<string> => readFile(`${harness.directory}/ledger`, 'utf8');

/** A job that runs until `open` is called. */
function gate(harness: JobsHarness, name: string) {
  const file = `${harness.directory}/${name}`;
  return { command: `while [ ! -e ${file} ]; do sleep 0.02; done`, open: () => writeFile(file, '') };
}

test('S10: a job waits until what it asks for is free, and a job that fits passes it', async () => {
  await using harness = await JobsHarness.open({ numCpus: 2 });
  const { command, open } = gate(harness, 'go');
  const first = await harness.submit(command, { entrypointNumCpus: 1 });
  const large = await harness.submit(note(harness, 'large'), { entrypointNumCpus: 2 });
  const small = await harness.submit(note(harness, 'small'), { entrypointNumCpus: 1 });
  await harness.untilOver(small);
  const waiting = await harness.info(large);
  assert.equal(waiting.status, 'PENDING');
  assert.match(waiting.message, /waiting for resources/);
  assert.deepEqual(waiting.resources, { CPU: 2 });
  await harness.untilRunning(first);
  assert.deepEqual(harness.manager.stats().resources.used, { CPU: 1 });
  await open();
  await harness.untilOver(large);
  assert.equal(await ledger(harness), 'small\nlarge\n');
});

test('S10: a job that asks for more than there is says so, stays PENDING and can be stopped', async () => {
  await using harness = await JobsHarness.open({ numCpus: 2, resources: { tape: 1 } });
  const never = await harness.submit('true', { entrypointResources: { tape: 2 } });
  await harness.untilOver(await harness.submit('true', { entrypointResources: { tape: 1 } }));
  const { status, message } = await harness.info(never);
  assert.equal(status, 'PENDING');
  assert.match(message, /2 tape of which this daemon has 1/);
  assert.equal(harness.manager.stats().queue.unsatisfiable, 1);
  assert.equal(await harness.manager.stopJob(never), true);
  assert.equal((await harness.untilOver(never)).status, 'STOPPED');
});

test('S10: higher priority first, order within one, and a new manager keeps the line', async () => {
  await using harness = await JobsHarness.open({ maxRunningJobs: 1 });
  const { command, open } = gate(harness, 'go');
  await harness.untilRunning(await harness.submit(command));
  const ids: string[] = [];
  for (const [name, priority] of Object.entries({ a: 0, b: 0, c: 5, d: 5, e: -1 }))
    ids.push(await harness.submit(note(harness, name), { priority }));
  await harness.closeManager();
  await harness.openManager();
  assert.equal(harness.manager.stats().waiting, 5);
  ids.push(await harness.submit(note(harness, 'f'), { priority: 0 }));
  await open();
  for (const id of ids) await harness.untilOver(id);
  assert.equal(await ledger(harness), 'c\nd\na\nb\nf\ne\n');
});

test('a submission beyond the end of the line is refused and may be repeated', async () => {
  await using harness = await JobsHarness.open({ maxRunningJobs: 1, maxPendingJobs: 1 });
  const { command, open } = gate(harness, 'go');
  await harness.submit(command);
  const waiting = await harness.submit('true');
  await assert.rejects(harness.submit('true'), (error) => error instanceof JobQueueFullError && error.retryable);
  await open();
  await harness.untilOver(waiting);
  await harness.untilOver(await harness.submit('true'));
});

test('a manager goes to work by itself, and not when somebody first asks, as in Ray', async () => {
  await using harness = await JobsHarness.open({ maxRunningJobs: 1 });
  const { command, open } = gate(harness, 'go');
  await harness.untilRunning(await harness.submit(`${command}; ${note(harness, 'first')}`));
  await harness.submit(note(harness, 'second'));
  await harness.closeManager();
  await harness.openManager();
  await open();
  // Nobody asks it anything: what it does is seen in what the jobs do.
  await eventually(
    async () => (await ledger(harness).catch(() => '')) === 'first\nsecond\n',
    () => 'both jobs are through',
  );
});
