import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidSubmissionIdError } from '@heddle/api';
import { resolveJobManagerOptions } from './options.ts';
import { type JobSubmitOptions, resolveSubmission } from './submission.ts';

const defaults = {
  submissionId: () => 'raysubmit_1',
  workingDirectory: '/here',
  gracePeriodMs: 3000,
  logBytesMax: 1000,
};
const resolve = (given: Partial<JobSubmitOptions>) => resolveSubmission({ entrypoint: 'true', ...given }, defaults);

test('a submission of a command alone gets an id and the defaults', () => {
  const request = resolve({});
  assert.equal(request.submissionId, 'raysubmit_1');
  assert.equal(request.workingDirectory, '/here');
  assert.deepEqual([request.stopSignal, request.gracePeriodMs], ['SIGTERM', 3000]);
  assert.deepEqual([request.metadata, request.runtimeEnv], [null, null]);
});

test("a job's environment may say how it is stopped, as in Ray, and an option says it louder", () => {
  const envVars = { RAY_JOB_STOP_SIGNAL: 'SIGINT', RAY_JOB_STOP_WAIT_TIME_S: '0.5' };
  const asked = resolve({ runtimeEnv: { envVars } });
  assert.deepEqual([asked.stopSignal, asked.gracePeriodMs], ['SIGINT', 500]);
  const told = resolve({ runtimeEnv: { envVars }, stopSignal: 'SIGTERM', gracePeriodMs: 9 });
  assert.deepEqual([told.stopSignal, told.gracePeriodMs], ['SIGTERM', 9]);
  const odd = resolve({
    runtimeEnv: { envVars: { RAY_JOB_STOP_SIGNAL: 'SIGKILL', RAY_JOB_STOP_WAIT_TIME_S: 'soon' } },
  });
  assert.deepEqual([odd.stopSignal, odd.gracePeriodMs], ['SIGTERM', 3000]);
});

test('what cannot be a job is refused by name', () => {
  const refused: [Partial<Record<keyof JobSubmitOptions, unknown>>, new (...args: never[]) => Error, RegExp][] = [
    [{ entrypoint: undefined }, TypeError, /entrypoint undefined/],
    [{ entrypoint: '' }, RangeError, /entrypoint ""/],
    [{ entrypoint: [] }, RangeError, /entrypoint \[\]/],
    [{ entrypoint: ['ls', 3] }, TypeError, /entrypoint 3/],
    [{ entrypoint: 'a\0b' }, RangeError, /NUL/],
    [{ submissionId: '../x' }, InvalidSubmissionIdError, /"..\/x"/],
    [{ submissionId: 'a/b' }, InvalidSubmissionIdError, /"a\/b"/],
    [{ submissionId: 'x'.repeat(129) }, InvalidSubmissionIdError, /xxx/],
    [{ metadata: { a: 1 } }, TypeError, /metadata.a 1/],
    [{ runtimeEnv: { envVars: { A: 1 } } }, TypeError, /envVars.A 1/],
    [{ runtimeEnv: { envVars: { 'A=B': '' } } }, RangeError, /"A=B"/],
    [{ runtimeEnv: { envVars: { A: '\0' } } }, RangeError, /NUL/],
    [{ runtimeEnv: { pip: [] } }, TypeError, /"pip"/],
    [{ runtimeEnv: { workingDir: 's3://x/y.zip' } }, RangeError, /over s3/],
    [{ runtimeEnv: { workingDir: 'gcs://../x.zip' } }, RangeError, /names no package/],
    [{ runtimeEnv: { workingDir: '' } }, RangeError, /is empty/],
    [{ runtimeEnv: { setup: [] } }, RangeError, /setup \[\]/],
    [{ runtimeEnv: { setupTimeoutMs: 0 } }, RangeError, /setupTimeoutMs 0/],
    [{ timeoutMs: 0 }, RangeError, /timeoutMs 0/],
    [{ maxRetries: -1 }, RangeError, /maxRetries -1/],
    [{ fateSharing: 1 }, TypeError, /fateSharing 1/],
    [{ workingDirectory: 'here' }, RangeError, /absolute/],
    [{ gracePeriodMs: -1 }, RangeError, /-1/],
    [{ stopSignal: 'SIGKILL' }, RangeError, /"SIGKILL"/],
    [{ entrypointNumCpus: '1' }, TypeError, /entrypointNumCpus "1"/],
    [{ entrypointResources: { CPU: 1 } }, RangeError, /"CPU"/],
    [{ entrypointResources: { tape: -1 } }, RangeError, /entrypointResources.tape -1/],
    [{ priority: 0.5 }, RangeError, /priority 0.5/],
    [{ ifNotExists: 'yes' }, TypeError, /ifNotExists "yes"/],
    [{ misspelt: 1 } as never, TypeError, /"misspelt"/],
  ];
  for (const [given, errorClass, message] of refused)
    assert.throws(
      () => resolve(given as Partial<JobSubmitOptions>),
      (error: Error) => error instanceof errorClass && message.test(error.message),
      JSON.stringify(given),
    );
});

test('options of a manager are checked once, with every default finite', () => {
  const options = resolveJobManagerOptions({ directory: 'state' });
  assert.ok(options.maxRunningJobs >= 8);
  assert.equal(options.retainedJobs, 10_000);
  assert.ok(options.numCpus >= 1 && options.memory > 2 ** 20 && Number.isFinite(options.memory));
  assert.throws(() => resolveJobManagerOptions({ directory: 'x', resources: { memory: 1 } }), { name: 'RangeError' });
  assert.throws(() => resolveJobManagerOptions({ directory: 'd', clock: 5 as never }), {
    name: 'TypeError',
    message: 'Cannot open a job manager with clock 5 (number): expected an object with the method "monotonicMs"',
  });
  assert.throws(() => resolveJobManagerOptions({} as never), { name: 'TypeError', message: /directory undefined/ });
  assert.throws(() => resolveJobManagerOptions({ directory: 'x', maxRunningJobs: 0 }), { name: 'RangeError' });
  assert.throws(() => resolveJobManagerOptions({ directory: 'x', pingMs: 1 } as never), {
    name: 'TypeError',
    message: /"pingMs"/,
  });
});
