import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { InvalidSubmissionIdError } from '@heddle/api';
import { RequestFailedError, ServerUnreachableError } from './errors.ts';
import { JobSubmissionClient } from './job-submission-client.ts';

/** A server that answers every request with what the test says, and remembers what it was asked. */
class StubServer implements AsyncDisposable {
  readonly requests: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  answer: (response: ServerResponse) => void = (response) => response.end('{}');
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(`${request.method} ${request.url}`);
      this.headers.push(request.headers);
      this.answer(response);
    });
  }

  static async start(): Promise<StubServer> {
    const stub = new StubServer();
    await once(stub.#server.listen(0, '127.0.0.1'), 'listening');
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }
}

test('requests carry the token and the headers, and go to the routes that they name', async () => {
  await using stub = await StubServer.start();
  const client = new JobSubmissionClient(`${stub.url}/`, { token: 'secret', headers: { 'x-team': 'a' } });
  await client.getJobInfo('a.b');
  await client.getJobLogs('a', { offset: 1, tail: 2 });
  await client.stopJob('a');
  await client.deleteJob('a');
  await client
    .listState('actors', { limit: 5, detail: true, filters: [{ key: 'state', predicate: '!=', value: 'DEAD' }] })
    .catch(() => {});
  assert.deepEqual(stub.requests, [
    'GET /api/heddle/jobs/a.b',
    'GET /api/jobs/a/logs?offset=1&tail=2',
    'POST /api/jobs/a/stop',
    'DELETE /api/jobs/a',
    'GET /api/v0/actors?limit=5&detail=True&filter_keys=state&filter_predicates=%21%3D&filter_values=DEAD',
  ]);
  for (const headers of stub.headers) {
    assert.equal(headers.authorization, 'Bearer secret');
    assert.equal(headers['x-team'], 'a');
    assert.equal(headers.origin, undefined);
  }
});

test('anything but 200 is an error with the text and the code of the server', async () => {
  await using stub = await StubServer.start();
  const client = new JobSubmissionClient(stub.url);
  stub.answer = (response) =>
    response
      .writeHead(404, { 'heddle-error-code': 'JOB_NOT_FOUND', 'heddle-error-retryable': 'false' })
      .end('Job a does not exist');
  await assert.rejects(client.getJobInfo('a'), (error) => {
    assert.ok(error instanceof RequestFailedError);
    assert.equal(error.message, 'Cannot get job "a": Job a does not exist');
    assert.deepEqual([error.code, error.retryable, error.details], ['JOB_NOT_FOUND', false, { status: 404 }]);
    return true;
  });
  stub.answer = (response) => response.writeHead(400).end('Cannot submit a job with maxRetries -1: expected 0 or more');
  await assert.rejects(client.submitJob({ entrypoint: 'true', maxRetries: -1 }), {
    message: 'Cannot submit a job with maxRetries -1: expected 0 or more',
  });
  stub.answer = (response) => response.writeHead(204).end();
  await assert.rejects(client.listJobs(), { code: 'HTTP_204' });
  stub.answer = (response) =>
    response.writeHead(400).end('{"result":false,"msg":"no such column","data":{"result":null}}');
  await assert.rejects(client.listActors(), /no such column/);
  stub.answer = (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  await assert.rejects(client.listJobs(), ServerUnreachableError);
});

test('a server that is not there, and one that breaks off, are unreachable; only the first is safe to try again', async () => {
  const stub = await StubServer.start();
  const client = new JobSubmissionClient(stub.url);
  stub.answer = (response) => response.socket?.destroy();
  await assert.rejects(client.submitJob({ entrypoint: 'true' }), (error) => {
    assert.ok(error instanceof ServerUnreachableError);
    assert.equal(error.retryable, false);
    return true;
  });
  await stub[Symbol.asyncDispose]();
  await assert.rejects(client.submitJob({ entrypoint: 'true' }), (error) => {
    assert.ok(error instanceof ServerUnreachableError);
    assert.equal(error.message, `Cannot submit a job: no answer from ${client.address} (connection refused)`);
    assert.equal(error.retryable, true);
    return true;
  });
});

test('an id that cannot be one is refused before anything is sent', async () => {
  await using stub = await StubServer.start();
  const client = new JobSubmissionClient(stub.url);
  const bad = '../x';
  const attempts = [
    () => client.getJobInfo(bad),
    () => client.stopJob(bad),
    () => client.deleteJob(bad),
    () => client.getJobLogs(bad),
    () => client.submitJob({ entrypoint: 'true', submissionId: bad }),
    () => client.tailJobLogs(bad).next(),
  ];
  for (const attempt of attempts) await assert.rejects(attempt(), InvalidSubmissionIdError);
  assert.deepEqual(stub.requests, []);
});

test('an address without http:// is refused by name', () => {
  for (const address of ['127.0.0.1:8265', 'localhost', '', 'ftp://x', 'auto'])
    assert.throws(() => new JobSubmissionClient(address), new RegExp(`Cannot use address "${address}"`));
  assert.equal(new JobSubmissionClient('https://h.example/base/').address, 'https://h.example/base');
});

test('a package is sent as it is, unless it is there', async () => {
  await using stub = await StubServer.start();
  const client = new JobSubmissionClient(stub.url);
  stub.answer = (response) => response.end();
  assert.equal(await client.uploadPackage('p.zip', new Uint8Array([80, 75])), 'gcs://p.zip');
  assert.deepEqual(stub.requests, ['GET /api/packages/gcs/p.zip']);
  stub.requests.length = 0;
  stub.answer = (response) => {
    const isAsked = stub.requests.at(-1)?.startsWith('GET');
    if (isAsked) response.writeHead(404, { 'heddle-error-code': 'PACKAGE_NOT_FOUND' });
    response.end();
  };
  assert.equal(await client.hasPackage('p.zip'), false);
  assert.equal(await client.uploadPackage('p.zip', new Uint8Array([80, 75])), 'gcs://p.zip');
  assert.deepEqual(stub.requests.slice(1), ['GET /api/packages/gcs/p.zip', 'PUT /api/packages/gcs/p.zip']);
  assert.equal(stub.headers.at(-1)!['content-type'], 'application/octet-stream');
  assert.equal(stub.headers.at(-1)!['content-length'], '2');
  await assert.rejects(client.hasPackage('../x.zip'), { name: 'RangeError', message: /"..\/x.zip"/ });
});

test('of a thousand requests at once 64 are under way, and one that fails gives its place to another', async () => {
  await using stub = await StubServer.start();
  const client = new JobSubmissionClient(stub.url);
  let underWay = 0;
  let most = 0;
  stub.answer = (response) => {
    most = Math.max(most, ++underWay);
    setImmediate(() => {
      underWay -= 1;
      if (stub.requests.length % 7 === 0) response.statusCode = 500;
      response.end('{}');
    });
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 1000 }, (_, at) => client.getJobInfo(`job-${at}`)));
  assert.equal(stub.requests.length, 1000);
  assert.ok(outcomes.some(({ status }) => status === 'rejected'));
  assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
  assert.ok(most > 1 && most <= 64, `${most} at once`);
});
