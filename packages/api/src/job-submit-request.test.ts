import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJobSubmitRequest, toJobSubmission } from './job-submit-request.ts';
import { toWireRuntimeEnv } from './runtime-env.ts';
import { WireError } from './wire-error.ts';

function refusal(body: unknown): string {
  try {
    toJobSubmission(parseJobSubmitRequest(body));
  } catch (error) {
    assert.ok(error instanceof WireError, String(error));
    assert.equal(error.status, 400);
    return error.text;
  }
  throw new assert.AssertionError({ message: `accepted ${JSON.stringify(body)}` });
}

test('what the stock client sends is accepted as it is', () => {
  const body = { entrypoint: 'echo hi', submission_id: null, runtime_env: {}, metadata: {}, entrypoint_num_cpus: null };
  assert.deepEqual(parseJobSubmitRequest(body), { entrypoint: 'echo hi', runtime_env: {}, metadata: {} });
});

test('type errors are worded as Ray words them', () => {
  const entrypoint = 'true';
  const cases: [unknown, string][] = [
    [{ entrypoint: 1 }, "entrypoint must be a string, got <class 'int'>"],
    [{ entrypoint: ['a'] }, "entrypoint must be a string, got <class 'list'>"],
    [{ entrypoint, submission_id: 1 }, "submission_id must be a string if provided, got <class 'int'>"],
    [{ entrypoint, job_id: {} }, "job_id must be a string if provided, got <class 'dict'>"],
    [{ entrypoint, runtime_env: 'x' }, "runtime_env must be a dict, got <class 'str'>"],
    [{ entrypoint, metadata: [] }, "metadata must be a dict, got <class 'list'>"],
    [{ entrypoint, metadata: { a: 1 } }, "metadata values must be strings, got <class 'int'>"],
    [{ entrypoint, metadata: { a: null } }, "metadata values must be strings, got <class 'NoneType'>"],
    [{ entrypoint, entrypoint_num_cpus: 'x' }, "entrypoint_num_cpus must be a number, got <class 'str'>"],
    [{ entrypoint, entrypoint_num_gpus: true }, "entrypoint_num_gpus must be a number, got <class 'bool'>"],
    [{ entrypoint, entrypoint_memory: 1.5 }, "entrypoint_memory must be an integer, got <class 'float'>"],
    [{ entrypoint, entrypoint_resources: 1 }, "entrypoint_resources must be a dict, got <class 'int'>"],
    [
      { entrypoint, entrypoint_resources: { a: 'b' } },
      "entrypoint_resources values must be numbers, got <class 'str'>",
    ],
    [
      { entrypoint, entrypoint_label_selector: { a: 1 } },
      "entrypoint_label_selector values must be strings, got <class 'int'>",
    ],
  ];
  for (const [body, text] of cases) assert.equal(refusal(body), text);
});

test('a missing entrypoint and an unknown key are refused by name', () => {
  assert.match(refusal({}), /'entrypoint'/);
  assert.match(refusal({ entrypoint: null }), /'entrypoint'/);
  assert.match(refusal({ entrypoint: 'true', colour: 'red' }), /'colour'/);
  assert.deepEqual(parseJobSubmitRequest({ entrypoint: 'true', colour: null }), { entrypoint: 'true' });
});

test('a runtime_env field that is not supported is named', () => {
  for (const field of ['py_modules', 'pip', 'conda', 'container'])
    assert.match(refusal({ entrypoint: 'true', runtime_env: { [field]: ['x'] } }), new RegExp(`'${field}'`));
  assert.match(refusal({ entrypoint: 'true', runtime_env: { env_vars: { A: 1 } } }), /env_vars/);
  for (const [workingDir, problem] of [
    ['s3://bucket/x.zip', /over s3/],
    ['gcs://a/b.zip', /names no package/],
    ['gcs://x.tar', /names no package/],
    ['', /empty/],
    [5, /must be a string/],
  ] as const)
    assert.match(refusal({ entrypoint: 'true', runtime_env: { working_dir: workingDir } }), problem);
  assert.match(refusal({ entrypoint: 'true', runtime_env: { config: { setup_timeout_seconds: -1 } } }), /from 0.001/);
  assert.match(refusal({ entrypoint: 'true', runtime_env: { config: { eager: true } } }), /'eager'/);
  assert.match(refusal({ entrypoint: 'true', runtime_env: { setup: [] } }), /'setup'/);
  assert.match(refusal({ entrypoint: 'true', runtime_env: { env_vars: { 'A=B': 'x' } } }), /A=B/);
  assert.match(refusal({ entrypoint: 'true', runtime_env: { env_vars: { A: 'x\0y' } } }), /NUL/);
});

test('submission_id wins over job_id, and an empty id means a generated one', () => {
  const idOf = (body: object) => toJobSubmission(parseJobSubmitRequest({ entrypoint: 'true', ...body })).submissionId;
  assert.equal(idOf({ submission_id: 'a', job_id: 'b' }), 'a');
  assert.equal(idOf({ job_id: 'b' }), 'b');
  assert.equal(idOf({ submission_id: '', job_id: '' }), undefined);
  assert.equal(idOf({}), undefined);
  assert.match(refusal({ entrypoint: 'true', submission_id: 'a/b' }), /submission id "a\/b"/);
});

test('metadata and runtime_env come through as they were sent, null or empty', () => {
  const sent = (body: object) => toJobSubmission(parseJobSubmitRequest({ entrypoint: 'true', ...body }));
  assert.equal(sent({}).metadata, null);
  assert.equal(sent({ runtime_env: null }).runtimeEnv, null);
  assert.deepEqual(sent({ metadata: {}, runtime_env: {} }).metadata, {});
  const wire = {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the job's environment that expands it.
    env_vars: { A: '${B}' },
    working_dir: 'gcs://p.zip',
    config: { setup_timeout_seconds: 2.5, eager_install: true },
    setup: 'x',
  };
  assert.deepEqual(toWireRuntimeEnv(sent({ runtime_env: wire }).runtimeEnv!), wire);
});

test('keys that reach a prototype and bottomless bodies are refused', () => {
  assert.match(refusal(JSON.parse('{"entrypoint":"true","metadata":{"__proto__":"x"}}')), /__proto__/);
  assert.match(refusal({ entrypoint: 'true', metadata: { constructor: 'x' } }), /constructor/);
  assert.match(
    refusal(JSON.parse(`{"entrypoint":"true","metadata":${'['.repeat(5000)}${']'.repeat(5000)}}`)),
    /deeper/,
  );
});

test('any JSON is either accepted or refused with a 400', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('metadata', 'job_id', 'runtime_env', 'x'), fc.jsonValue()),
      (value, more) => {
        for (const body of [value, { entrypoint: 'true', ...more }]) {
          try {
            parseJobSubmitRequest(body);
          } catch (error) {
            assert.ok(error instanceof WireError && error.status === 400);
          }
        }
      },
    ),
  );
});
