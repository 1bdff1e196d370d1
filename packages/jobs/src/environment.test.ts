import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand, inheritedEnvironment, jobEnvironment } from './environment.ts';
import { pending } from './testing/records.ts';

const DAEMON = {
  PATH: '/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  LC_ALL: 'C',
  TZ: 'UTC',
  HTTPS_PROXY: 'http://proxy',
  VIRTUAL_ENV: '/venv',
  HEDDLE_TOKEN: 'secret',
  NODE_OPTIONS: '--inspect',
  AWS_SECRET_ACCESS_KEY: 'secret',
  GIVEN: 'yes',
};

test('a job inherits the allow-list and what was passed on, and no token and no NODE_OPTIONS', () => {
  assert.deepEqual(Object.keys(inheritedEnvironment(DAEMON)).sort(), [
    'HOME',
    'HTTPS_PROXY',
    'LANG',
    'LC_ALL',
    'PATH',
    'TZ',
    'VIRTUAL_ENV',
  ]);
  assert.equal(inheritedEnvironment(DAEMON, ['GIVEN']).GIVEN, 'yes');
});

test('a job is given its id, its mark, unbuffered Python and the config that Ray drivers read', () => {
  const record = pending({ metadata: { job_name: 'mine', owner: 'me' }, runtimeEnv: { envVars: { A: '1' } } });
  const env = jobEnvironment(inheritedEnvironment(DAEMON), record, 'mark_1:attempt_1');
  assert.equal(env.HEDDLE_JOB_ID, 'job_1');
  assert.equal(env.HEDDLE_JOB_MARK, 'mark_1:attempt_1');
  assert.equal(env.PYTHONUNBUFFERED, '1');
  assert.equal(env.A, '1');
  assert.deepEqual(JSON.parse(env.RAY_JOB_CONFIG_JSON_ENV_VAR!), {
    runtime_env: { env_vars: { A: '1' } },
    metadata: { job_submission_id: 'job_1', job_name: 'mine', owner: 'me' },
  });
});

test('what a job asks for wins over what it inherits, but never over its mark', () => {
  const envVars = { LANG: 'de_DE', PYTHONUNBUFFERED: '', HEDDLE_JOB_MARK: 'forged', HEDDLE_JOB_ID: 'forged' };
  const env = jobEnvironment(inheritedEnvironment(DAEMON), pending({ runtimeEnv: { envVars } }), 'mark_1:attempt_1');
  assert.equal(env.LANG, 'de_DE');
  assert.equal(env.PYTHONUNBUFFERED, '');
  assert.equal(env.HEDDLE_JOB_MARK, 'mark_1:attempt_1');
  assert.equal(env.HEDDLE_JOB_ID, 'job_1');
});

test('variables expand from what the job inherits, once', () => {
  const envVars = {
    PATH: '/mine:$PATH',
    TWICE: `\${HOME}\${HOME}`,
    TOKEN: `x\${HEDDLE_TOKEN}`,
    SAME: '$SAME',
    LIT: `$\${LANG}`,
  };
  const env = jobEnvironment(inheritedEnvironment(DAEMON), pending({ runtimeEnv: { envVars } }), 'm');
  assert.equal(env.PATH, '/mine:/bin');
  assert.equal(env.TWICE, '/root/root');
  assert.equal(env.TOKEN, 'x');
  assert.equal(env.SAME, '$SAME');
  assert.equal(env.LIT, '$C.UTF-8');
});

test('an unknown name stays, except in capitals and braces, as in Ray', () => {
  assert.equal(expand(`$NO \${NO} \${no} $ \${} $1`, {}), `$NO  \${no} $ \${} $1`);
  assert.equal(expand('$A', { A: '$B', B: 'b' }), '$B');
  assert.equal(expand(`\${constructor} \${toString}`, {}), `\${constructor} \${toString}`);
});
