import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JobSubmission, parseJobSubmission } from './job-submission.ts';
import { WireError } from './wire-error.ts';

function refusal(body: unknown): string {
  try {
    parseJobSubmission(body);
  } catch (error) {
    assert.ok(error instanceof WireError && error.status === 400, String(error));
    return error.text;
  }
  throw new assert.AssertionError({ message: `accepted ${JSON.stringify(body)}` });
}

test('every option goes through the wire as it was given', () => {
  const submission: Required<JobSubmission> = {
    entrypoint: ['printf', '%s', 'a b'],
    submissionId: 'a',
    metadata: { a: 'b' },
    runtimeEnv: { envVars: { A: '1' }, workingDir: '/x', setup: ['make', 'all'], setupTimeoutMs: 1500 },
    workingDirectory: '/',
    gracePeriodMs: 10,
    stopSignal: 'SIGINT',
    timeoutMs: 1000,
    startTimeoutMs: 5,
    maxRetries: 2,
    retryDelayMs: 3,
    fateSharing: true,
    logLimitBytes: 1024,
    logLimitPolicy: 'stop',
    entrypointNumCpus: 1,
    entrypointNumGpus: 0,
    entrypointMemory: 5,
    entrypointResources: { a: 1 },
    priority: -3,
    ifNotExists: true,
  };
  assert.deepEqual(parseJobSubmission(JSON.parse(JSON.stringify(submission))), submission);
});

test('a null option is an option that was not given', () => {
  assert.deepEqual(parseJobSubmission({ entrypoint: 'true', metadata: null, submissionId: null }), {
    entrypoint: 'true',
  });
});

test('what cannot be meant is refused by name', () => {
  assert.match(refusal([]), /expected an object/);
  assert.match(refusal({}), /no entrypoint/);
  assert.match(refusal({ entrypoint: 5 }), /entrypoint 5/);
  assert.match(refusal({ entrypoint: ['a', 1] }), /entrypoint/);
  assert.match(refusal({ entrypoint: 'true', startSignal: {} }), /"startSignal"/);
  assert.match(refusal({ entrypoint: 'true', toString: 1 }), /"toString"/);
  assert.match(refusal({ entrypoint: 'true', metadata: { a: 1 } }), /metadata/);
  assert.match(refusal({ entrypoint: 'true', ifNotExists: 'yes' }), /ifNotExists/);
  assert.match(refusal({ entrypoint: 'true', runtimeEnv: { pip: [] } }), /"pip"/);
  assert.match(refusal({ entrypoint: 'true', runtimeEnv: { envVars: { A: 1 } } }), /env_vars/);
});
