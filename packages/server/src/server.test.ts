import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { ROUTES } from '@heddle/api';
import fc from 'fast-check';
import { InsecureBindError, ListenError, SERVER_LIMITS, startServer } from './index.ts';
import { type Json, ServerHarness } from './testing/server-harness.ts';

async function statusAndRetry(harness: ServerHarness, path: string): Promise<[number, string | null]> {
  const { status, headers } = await harness.fetch(path);
  return [status, headers.get('retry-after')];
}

test('the stock client finds the version it asks for', async () => {
  await using harness = await ServerHarness.start();
  const response = await harness.fetch('/api/version');
  assert.equal(response.headers.get('heddle-version'), '0.1.0');
  const answer = (await response.json()) as object;
  assert.deepEqual(Object.keys(answer), ['version', 'ray_version', 'ray_commit', 'session_name']);
  assert.deepEqual(Object.values(answer).slice(0, 2), ['4', '2.58.0']);
});

test('a job is submitted, shown, stopped and deleted with exactly the answers of Ray', async () => {
  await using harness = await ServerHarness.start();
  const submitted = await harness.post('/api/jobs/', {
    entrypoint: 'echo hi',
    submission_id: 'a',
    runtime_env: { env_vars: { A: '1' } },
    metadata: { b: 'c' },
  });
  assert.equal(submitted.status, 200);
  assert.deepEqual(await submitted.json(), { job_id: 'a', submission_id: 'a' });

  const details = await harness.json('/api/jobs/a');
  assert.equal(Object.keys(details).length, 15);
  assert.deepEqual(
    [details.status, details.runtime_env, details.metadata],
    ['PENDING', { env_vars: { A: '1' } }, { b: 'c' }],
  );
  assert.deepEqual(await harness.json('/api/jobs/'), [details]);

  const early = await harness.fetch('/api/jobs/a', { method: 'DELETE' });
  assert.equal(early.status, 409);
  assert.equal(await early.text(), "Attempted to delete job 'a', but it is in a non-terminal state PENDING.");

  assert.deepEqual(await (await harness.post('/api/jobs/a/stop')).json(), { stopped: true });
  assert.deepEqual(await (await harness.fetch('/api/jobs/a', { method: 'DELETE' })).json(), { deleted: true });
  assert.deepEqual(await harness.json('/api/jobs/'), []);
});

test("Ray's client finds out whether a package is there, and sends it as bare bytes", async () => {
  await using harness = await ServerHarness.start();
  const path = '/api/packages/gcs/_ray_pkg_0123456789abcdef.zip';
  const missing = await harness.fetch(path);
  assert.equal(missing.status, 404);
  assert.equal(await missing.text(), 'Package gcs://_ray_pkg_0123456789abcdef.zip does not exist');
  const content = Buffer.from('PK\x03\x04 and \0 more');
  const put = await harness.fetch(path, { method: 'PUT', body: content });
  assert.deepEqual([put.status, await put.text()], [200, '']);
  assert.deepEqual(harness.jobs.packages.get('_ray_pkg_0123456789abcdef.zip'), content);
  const present = await harness.fetch(path);
  assert.deepEqual([present.status, await present.text()], [200, '']);
});

test('X5, X7: a package with an impossible name is a 400, one that is too long a 413, unread where it says so', async () => {
  await using harness = await ServerHarness.start();
  for (const path of ['gcs/x.tar', 'gcs/..%2Fx.zip', 'gcs/%00.zip', `gcs/${'x'.repeat(200)}.zip`, 's3/x.zip']) {
    const put = await harness.fetch(`/api/packages/${path}`, { method: 'PUT', body: Buffer.from('x') });
    assert.equal(put.status, 400, path);
    assert.equal((await harness.fetch(`/api/packages/${path}`)).status, 404, path);
  }
  harness.jobs.packageBytesMax = 10;
  const declared = await harness.fetch('/api/packages/gcs/x.zip', { method: 'PUT', body: Buffer.alloc(11) });
  assert.equal(declared.status, 413);
  const head = `PUT /api/packages/gcs/x.zip HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
  harness.jobs.received = 0;
  const answer = await harness.raw(`${head}Content-Length: ${SERVER_LIMITS.packageBytesMax + 1}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1.1 413 /);
  assert.equal(harness.jobs.received, 0);
});

test('a taken id is refused in the words of Ray', async () => {
  await using harness = await ServerHarness.start();
  await harness.post('/api/jobs/', { entrypoint: 'true', submission_id: 'a' });
  const again = await harness.post('/api/jobs/', { entrypoint: 'true', submission_id: 'a' });
  assert.equal(again.status, 409);
  assert.equal(again.headers.get('heddle-error-code'), 'JOB_ALREADY_EXISTS');
  assert.equal(await again.text(), 'Job with submission_id a already exists. Please use a different submission_id.');
});

test('an unknown id is a 404 on all routes about a job, and an impossible one a 400', async () => {
  await using harness = await ServerHarness.start();
  for (const [method, path] of JOB_ROUTES) {
    const unknown = await harness.fetch(path.replace(':id', 'nobody'), { method });
    assert.equal(unknown.status, 404, path);
    assert.equal(await unknown.text(), 'Job nobody does not exist', path);
    for (const id of ['a%2Fb', '..%2Fx', '%00', 'a%0Ab', '%zz', '-rf', 'x'.repeat(10_240), 'а'])
      assert.equal((await harness.fetch(path.replace(':id', id), { method })).status, 400, `${path} ${id.slice(0, 9)}`);
  }
});

const JOB_ROUTES = [
  ['GET', '/api/jobs/:id'],
  ['POST', '/api/jobs/:id/stop'],
  ['DELETE', '/api/jobs/:id'],
  ['GET', '/api/jobs/:id/logs'],
  ['GET', '/api/heddle/jobs/:id/logs'],
] as const;

test('paths mean exactly what they say, the slash at the end included', async () => {
  await using harness = await ServerHarness.start();
  await harness.post('/api/jobs/', { entrypoint: 'true', submission_id: 'a' });
  for (const path of [
    '/api/jobs',
    '/api/jobs/a/',
    '/api/jobs/a/b',
    '/api/version/',
    '/',
    '/api',
    '/api/v0/tasks',
    '/api/v0/constructor',
    '//api/jobs/',
  ])
    assert.equal((await harness.fetch(path)).status, 404, path);
  assert.equal((await harness.post('/api/jobs', { entrypoint: 'true' })).status, 404);
});

test('a log is given whole, or the part that was asked for', async () => {
  await using harness = await ServerHarness.start();
  const id = await harness.jobs.submitJob({ entrypoint: 'true' });
  const logs = (query = '') => harness.json(`/api/jobs/${id}/logs${query}`);
  assert.deepEqual(await logs(), { logs: '' });
  harness.jobs.write(id, 'one\ntwo\nthree\n');
  assert.deepEqual(await logs(), { logs: 'one\ntwo\nthree\n' });
  assert.deepEqual(await logs('?offset=4&limit=3'), { logs: 'two' });
  assert.deepEqual(await logs('?tail=1'), { logs: 'three\n' });
  for (const query of ['?offset=-1', '?limit=x', '?tail=1e3', '?tail=1&limit=1'])
    assert.equal((await harness.fetch(`/api/jobs/${id}/logs${query}`)).status, 400, query);
});

test('a log is given as the bytes that were written, or as the text of them, whatever the pieces', async () => {
  await using harness = await ServerHarness.start();
  const id = await harness.jobs.submitJob({ entrypoint: 'true' });
  const text = '\ufeff"quoted" \\ \0 € 𝄞 \u2028\n';
  harness.jobs.write(id, text);
  const bytes = await harness.fetch(`/api/heddle/jobs/${id}/logs`);
  assert.equal(bytes.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(bytes.headers.get('x-content-type-options'), 'nosniff');
  assert.deepEqual(Buffer.from(await bytes.arrayBuffer()), Buffer.from(text));
  assert.deepEqual(await harness.json(`/api/jobs/${id}/logs`), { logs: text });
});

test('a body that is wrong is the fault of the caller, and says so in one line', async () => {
  await using harness = await ServerHarness.start();
  const send = (body: string, type = 'application/json') =>
    harness.fetch('/api/jobs/', { method: 'POST', body, headers: { 'content-type': type } });
  assert.equal(await (await send('{"entrypoint":1}')).text(), "entrypoint must be a string, got <class 'int'>");
  for (const body of ['', '{', 'null', '[]', '"x"', '{"entrypoint":"true","x":1}', '{"entrypoint":""}']) {
    const response = await send(body);
    assert.equal(response.status, 400, body);
    assert.match(await response.text(), /^[^\n]+$/);
  }
  assert.equal((await send('{"entrypoint":"true"}', 'text/plain')).status, 415);
  assert.equal((await send('entrypoint=true', 'application/x-www-form-urlencoded')).status, 415);
  assert.deepEqual(harness.jobs.submissions, []);
});

test('a body of more than 1 MiB is refused, declared or streamed', async () => {
  await using harness = await ServerHarness.start();
  const body = JSON.stringify({ entrypoint: 'true', metadata: { a: 'x'.repeat(SERVER_LIMITS.bodyBytesMax) } });
  assert.equal((await harness.post('/api/jobs/', JSON.parse(body))).status, 413);
  const streamed = await harness.fetch('/api/jobs/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Blob([body]).stream(),
    duplex: 'half',
  } as RequestInit);
  assert.equal(streamed.status, 413);
  assert.equal((await harness.fetch('/api/version')).status, 200);
});

test('no body whatever makes the server fail', async () => {
  await using harness = await ServerHarness.start();
  const anyBody = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.record({ entrypoint: fc.string() }, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
    fc
      .dictionary(fc.constantFrom('entrypoint', 'metadata', 'runtimeEnv', '__proto__'), fc.jsonValue())
      .map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(
      anyBody,
      fc.constantFrom('/api/jobs/', '/api/heddle/jobs', '/api/heddle/shutdown'),
      async (body, path) => {
        const { status } = await harness.fetch(path, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
        });
        assert.ok(status === 200 || status === 400, `${status} for ${path} ${body}`);
      },
    ),
    { numRuns: 200 },
  );
  harness.clock.advance(0); // The shutdowns that were valid.
});

test('every route, whatever its method, refuses strangers, pages and rebound names', async () => {
  await using harness = await ServerHarness.start();
  const paths = [...new Set(Object.values(ROUTES).map(({ path }) => path.replace(/:\w+/, 'a'))), '/nowhere', '/'];
  const attacks = [
    'Host: evil.example\r\n',
    'Host: localhost\r\nOrigin: http://evil.example\r\n',
    'Host: localhost\r\nSec-Fetch-Site: cross-site\r\n',
  ];
  for (const path of paths)
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      for (const attack of attacks) {
        const answer = await harness.raw(`${method} ${path} HTTP/1.1\r\n${attack}Connection: close\r\n\r\n`);
        assert.match(answer, /^HTTP\/1.1 403 /, `${method} ${path} with ${attack}`);
        assert.doesNotMatch(answer, /access-control-/i);
      }
});

test('the guard stands before a WebSocket too', async () => {
  await using harness = await ServerHarness.start();
  const id = await harness.jobs.submitJob({ entrypoint: 'true' });
  for (const path of [`/api/jobs/${id}/logs/tail`, `/api/heddle/jobs/${id}/logs/tail`]) {
    assert.equal(await harness.socket(path, { Host: 'evil.example' }).ended, 403);
    assert.equal(await harness.socket(path, { Origin: 'http://127.0.0.1' }).ended, 403);
  }
});

test('a token is asked for on every route, by 401 and 403', async () => {
  const token = 'sixteen-or-more-characters';
  await using harness = await ServerHarness.start({ token });
  const id = await harness.jobs.submitJob({ entrypoint: 'true' });
  const status = async (authorization?: string) =>
    (await harness.fetch('/api/version', authorization === undefined ? {} : { headers: { authorization } })).status;
  assert.equal(await status(), 401);
  assert.equal(await status('Bearer wrong'), 403);
  assert.equal(await status(`Bearer ${token}`), 200);
  assert.equal(await harness.socket(`/api/jobs/${id}/logs/tail`).ended, 401);
  const tail = await harness.socket(`/api/jobs/${id}/logs/tail`, { authorization: `Bearer ${token}` }).opened();
  tail.socket.close();
  await tail.ended;
});

test('a tail begins at the start, follows, and is closed with 1000 only when the job is over', async () => {
  await using harness = await ServerHarness.start();
  const id = await harness.jobs.submitJob({ entrypoint: 'true' });
  harness.jobs.write(id, 'header\n');
  const tail = harness.socket(`/api/jobs/${id}/logs/tail`);
  assert.equal(await tail.frame(), 'header\n');
  const rest = Array.from({ length: 100 }, (_, at) => `line ${at}\n`).join('');
  harness.jobs.write(id, rest);
  assert.equal(tail.socket.readyState, tail.socket.OPEN);
  harness.jobs.become(id, 'SUCCEEDED');
  assert.equal(await tail.ended, 1000);
  assert.equal(tail.frames.join(''), `header\n${rest}`);
  assert.ok(tail.frames.every((frame) => frame.split('\n').length <= 11));
});

test('a job that is over and wrote nothing closes its tail at once', async () => {
  await using harness = await ServerHarness.start();
  const id = await harness.jobs.submitJob({ entrypoint: 'true' });
  harness.jobs.become(id, 'FAILED');
  const tail = harness.socket(`/api/jobs/${id}/logs/tail`);
  assert.equal(await tail.ended, 1000);
  assert.deepEqual(tail.frames, []);
});

test('the tail of an unknown job is refused before the upgrade, and a plain GET of a tail too', async () => {
  await using harness = await ServerHarness.start();
  const id = await harness.jobs.submitJob({ entrypoint: 'true' });
  assert.equal(await harness.socket('/api/jobs/nobody/logs/tail').ended, 404);
  assert.equal(await harness.socket('/api/jobs/a%2Fb/logs/tail').ended, 400);
  assert.equal(await harness.socket('/api/jobs').ended, 404);
  assert.equal((await harness.fetch(`/api/jobs/${id}/logs/tail`)).status, 400);
});

test('a tail of the own route says at which offset to go on, and begins where it is told', async () => {
  await using harness = await ServerHarness.start();
  const id = await harness.jobs.submitJob({ entrypoint: 'true' });
  harness.jobs.write(id, 'one\ntwo\n');
  harness.jobs.become(id, 'SUCCEEDED');
  const tail = harness.socket(`/api/heddle/jobs/${id}/logs/tail?offset=4`);
  assert.equal(await tail.ended, 1000);
  assert.deepEqual(
    tail.frames.map((frame) => JSON.parse(frame)),
    [{ text: 'two\n', nextOffset: 8 }],
  );
});

test('a reader that leaves, one that never answers, and the end of the server end a tail', async () => {
  await using harness = await ServerHarness.start();
  const id = await harness.jobs.submitJob({ entrypoint: 'true' });
  harness.jobs.write(id, 'x\n');
  const open = async () => {
    const tail = harness.socket(`/api/jobs/${id}/logs/tail`);
    await tail.frame();
    return tail;
  };

  const leaver = await open();
  leaver.socket.terminate();
  await leaver.ended;

  const polite = await open();
  polite.socket.close();
  harness.jobs.write(id, 'more\n'.repeat(100_000));
  await polite.ended;

  const silent = await open();
  silent.socket.pong = () => {};
  Object.assign(silent.socket, { _autoPong: false });
  harness.clock.advance(SERVER_LIMITS.pingPeriodMs);
  harness.clock.advance(SERVER_LIMITS.pingPeriodMs);
  assert.equal(await silent.ended, 1006);

  const last = await open();
  await harness.server[Symbol.asyncDispose]();
  assert.equal(await last.ended, 1006);
  assert.deepEqual(harness.complaints, []);
});

test('a log that cannot be read on drops its tail, and is told to the log of the server', async () => {
  await using harness = await ServerHarness.start();
  const id = await harness.jobs.submitJob({ entrypoint: 'true' });
  harness.jobs.tailJobLogChunks = async function* () {
    yield { text: 'x\n', nextOffset: 2 };
    throw new Error('the disk is gone');
  };
  const tail = harness.socket(`/api/jobs/${id}/logs/tail`);
  assert.equal(await tail.ended, 1006);
  assert.deepEqual(tail.frames, ['x\n']);
  assert.deepEqual(harness.complaints, ['log tail dropped']);
});

test('an upgrade to anything but a WebSocket is answered as if it had not been asked for', async () => {
  await using harness = await ServerHarness.start();
  const request = 'GET /api/gcs_healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
  const answered = harness.raw(request);
  harness.clock.advance(0);
  await harness.fetch('/api/version');
  await harness.server[Symbol.asyncDispose]();
  assert.match(await answered, /^HTTP\/1.1 200 [\s\S]*success$/);
});

test('until the jobs are recovered, routes about jobs answer 503 and nothing is done', async () => {
  const recovery = Promise.withResolvers<never>();
  recovery.promise.catch(() => {});
  await using harness = await ServerHarness.start({ jobs: recovery.promise });
  const submit = await harness.post('/api/jobs/', { entrypoint: 'true' });
  assert.equal(submit.status, 503);
  assert.equal(submit.headers.get('retry-after'), '1');
  assert.equal(submit.headers.get('heddle-error-retryable'), 'true');
  for (const path of ['/api/jobs/', '/api/jobs/a', '/api/v0/jobs', '/api/heddle/jobs', '/api/healthz'])
    assert.deepEqual(await statusAndRetry(harness, path), [503, '1'], path);
  for (const path of ['/api/version', '/api/gcs_healthz', '/api/v0/actors', '/api/heddle/version'])
    assert.equal((await harness.fetch(path)).status, 200, path);
  const status = await harness.json('/api/heddle/status');
  assert.deepEqual([status.state, status.jobs, status.launcherPid], ['recovering', null, null]);

  recovery.resolve(harness.jobs as never);
  await recovery.promise;
  assert.equal((await harness.fetch('/api/jobs/')).status, 200);
  assert.equal((await harness.fetch('/api/healthz')).status, 200);
});

test('X13: a body that is not UTF-8 is refused, so that no other command runs than the one that was sent', async () => {
  await using harness = await ServerHarness.start();
  const send = async (entrypoint: string) => {
    const body = Buffer.from(JSON.stringify({ entrypoint }), 'latin1');
    const headers = { 'content-type': 'application/json' };
    const response = await harness.fetch('/api/jobs/', { method: 'POST', headers, body });
    return [response.status, await response.text()];
  };
  assert.deepEqual(await send('rm caf\xe9'), [400, 'request body is not valid JSON']);
  assert.equal((await send('rm cafe'))[0], 200);
});

test('actors, workers, jobs and nodes are listed in the envelope of Ray', async () => {
  await using harness = await ServerHarness.start();
  await harness.jobs.submitJob({ entrypoint: 'true', submissionId: 'a' });
  await harness.jobs.submitJob({ entrypoint: 'true', submissionId: 'b' });
  const list = async (path: string) => {
    const response = await harness.fetch(`/api/v0/${path}`);
    return { status: response.status, body: (await response.json()) as Json };
  };
  const actors = await list('actors?detail=True&timeout=24&limit=10&server_timeout_multiplier=0.8');
  assert.equal(actors.body.result, true);
  assert.equal(actors.body.data.result.result[0].worker_id, 'worker_2');
  assert.equal((await list('workers')).body.data.result.total, 2);
  assert.equal((await list('nodes')).body.data.result.result[0].state, 'ALIVE');
  const filtered = await list('jobs?filter_keys=submission_id&filter_predicates=%3D&filter_values=B');
  assert.deepEqual(
    filtered.body.data.result.result.map((row: { submission_id: string }) => row.submission_id),
    ['b'],
  );
  const bad = await list('jobs?limit=0');
  assert.deepEqual([bad.status, bad.body.result, bad.body.data], [400, false, { result: null }]);
});

test('the status tells of threads, launcher and jobs, and of what needs attention', async () => {
  await using harness = await ServerHarness.start();
  await harness.jobs.submitJob({ entrypoint: 'true' });
  const status = () => harness.json('/api/heddle/status');
  const ready = await status();
  assert.equal(ready.state, 'ready');
  assert.equal(ready.pid, process.pid);
  assert.equal(ready.directory, '/state');
  assert.deepEqual([ready.threads, ready.actors, ready.launcherPid, ready.containment], [2, 1, 77, 'marker']);
  assert.deepEqual(ready.jobs, { PENDING: 1, RUNNING: 0, STOPPED: 0, SUCCEEDED: 0, FAILED: 0 });
  assert.deepEqual(await harness.json('/api/healthz'), { status: 'ready', problems: [] });
  harness.jobs.problems = ['the disk is full'];
  assert.equal((await status()).state, 'degraded');
  assert.deepEqual((await status()).problems, ['the disk is full']);
  assert.deepEqual(await harness.json('/api/healthz'), { status: 'degraded', problems: ['the disk is full'] });
  assert.deepEqual(await statusAndRetry(harness, '/api/healthz'), [200, null]); // A restart would mend nothing.
});

test("jobs of Heddle's own route are submitted with all their options and shown in full", async () => {
  await using harness = await ServerHarness.start();
  const submission = {
    entrypoint: ['printf', 'a b'],
    workingDirectory: '/tmp',
    gracePeriodMs: 5,
    stopSignal: 'SIGINT',
  };
  const { submissionId } = (await (await harness.post('/api/heddle/jobs', submission)).json()) as Json;
  assert.deepEqual(harness.jobs.submissions, [submission]);
  const info = await harness.jobs.getJobInfo(submissionId);
  assert.deepEqual(await harness.json(`/api/heddle/jobs/${submissionId}`), info);
  assert.deepEqual(await harness.json('/api/heddle/jobs'), [info]);
});

test('a shutdown is answered first, and asked for once', async () => {
  await using harness = await ServerHarness.start();
  assert.equal((await harness.post('/api/heddle/shutdown')).status, 400);
  assert.equal((await harness.post('/api/heddle/shutdown', { stopJobs: 'yes' })).status, 400);
  assert.deepEqual(await (await harness.post('/api/heddle/shutdown', { stopJobs: true })).json(), { runningJobs: 0 });
  assert.deepEqual(harness.shutdowns, []);
  await harness.post('/api/heddle/shutdown', { stopJobs: false });
  harness.clock.advance(0);
  assert.deepEqual(harness.shutdowns, [{ stopJobs: true }]);
});

test('a server that is about to end takes no job and still tells of those it has', async () => {
  await using harness = await ServerHarness.start();
  harness.server.announceStop();
  assert.equal((await harness.post('/api/jobs/', { entrypoint: 'true' })).status, 503);
  assert.equal((await harness.post('/api/heddle/jobs', { entrypoint: 'true' })).status, 503);
  assert.equal((await harness.fetch('/api/jobs/')).status, 200);
  assert.equal((await harness.json('/api/heddle/status')).state, 'stopping');
});

test("a worker is terminated by its id; a stranger's and the daemon's own are not", async () => {
  await using harness = await ServerHarness.start();
  const terminate = async (id: string) => (await harness.post(`/api/heddle/workers/${id}/terminate`)).status;
  assert.equal(await terminate('worker_2'), 200);
  assert.equal(await terminate('worker_9'), 404);
  assert.equal(await terminate('worker_1'), 409);
  assert.deepEqual(harness.terminated, ['worker_2']);
});

test('a failure of our own is a 500 that tells nothing', async () => {
  await using harness = await ServerHarness.start();
  harness.jobs.listJobs = async () => {
    throw new TypeError('secret of the house');
  };
  const response = await harness.fetch('/api/jobs/');
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /secret/);
  assert.deepEqual(harness.complaints, ['request failed']);
});

test('where other machines can reach it, a server without a token does not start', async () => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1'])
    await assert.rejects(ServerHarness.start({ host }), (error) => {
      assert.ok(error instanceof InsecureBindError);
      assert.match(error.message, /no token/);
      return true;
    });
  await using harness = await ServerHarness.start({ host: '0.0.0.0', token: 'sixteen-or-more-characters' });
  assert.equal((await harness.fetch('/api/version')).status, 401);
});

test('a port that is in use is named, and the options are checked', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  await assert.rejects(ServerHarness.start({ port }), (error) => {
    assert.ok(error instanceof ListenError);
    assert.equal(error.message, `Cannot listen on "127.0.0.1:${port}": the port is in use`);
    return true;
  });
  taken.close();
  await assert.rejects(ServerHarness.start({ port: 70_000 }), RangeError);
  await assert.rejects(ServerHarness.start({ host: '' }), RangeError);
  await assert.rejects(startServer({ prot: 1 } as never), TypeError);
  await assert.rejects(ServerHarness.start({ token: 'short' }), (error: Error) => !error.message.includes('short'));
});
