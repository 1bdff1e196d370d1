import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { after, test } from 'node:test';
import { runHeddle } from './testing/in-process.ts';

/** The port of a connection's own end: nobody listens there, and nobody else is given it while the connection lasts. */
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const holder = connect((server.address() as AddressInfo).port, '127.0.0.1');
await once(holder, 'connect');
const nowhere = `http://127.0.0.1:${holder.localPort}`;
after(() => {
  holder.destroy();
  server.close();
});

/** Runs one command line against an address where nobody listens. */
const heddle = (...words: string[]) => runHeddle(words, import.meta.dirname, nowhere);

test('a command line that cannot be meant ends with 2 and one line that says why', async () => {
  const cases: [string[], RegExp][] = [
    [['job', 'submit'], /no command is given; write it after --/],
    [['job', 'submit', '--'], /no command is given/],
    [['job', 'submit', '--colour', '--', 'true'], /unknown option '--colour'; see "heddle job submit --help"/],
    [['job', 'submit', '--env', 'X', '--', 'true'], /Expected NAME=VALUE/],
    [['job', 'submit', '--working-dir', 'nowhere', '--', 'true'], /nowhere": no such directory/],
    [['job', 'submit', '--working-dir', import.meta.filename, '--', 'true'], /test.ts": it is not a directory/],
    [['job', 'status'], /missing required argument 'id'/],
    [['job', 'logs', 'a', '--tail', '-1'], /Expected an integer/],
    [['job', 'logs', 'a', '--offset', 'x'], /Expected an integer/],
    [['job', 'logs', 'a', '-f', '--tail', '3'], /Cannot follow a log with --tail or --limit: /],
    [['job', 'logs', 'a', '--limit', '3', '--tail', '3'], /Cannot read a log with both --tail and --limit/],
    [['list', 'cats'], /'cats' is invalid/],
    [['list', 'actors', '--filter', 'state'], /Expected column=VALUE/],
    [['start', '--port', '70000'], /Expected 0 to 65535/],
    [['start', '--log-level', 'loud'], /'loud' is invalid/],
    [['start', 'now'], /too many arguments/],
    [['stpo'], /see "heddle --help"/],
    [['stpo'], /unknown command 'stpo'.*Did you mean stop/],
    [['status', '--address', 'localhost'], /Cannot use address "localhost"/],
  ];
  for (const [words, reason] of cases) {
    const { code, err, out } = await heddle(...words);
    assert.equal(code, 2, words.join(' '));
    assert.match(err, /^heddle: [^\n]+\n$/, words.join(' '));
    assert.match(err, reason);
    assert.equal(out, '');
  }
});

test('where no daemon runs every command says so, and how to start one', async () => {
  const commands = ['status', 'stop', 'job list', 'job status a', 'job logs a', 'job logs -f a', 'job stop a'];
  for (const words of [...commands, 'job delete a', 'job submit -- true', 'list actors']) {
    const { code, err } = await heddle(...words.split(' '));
    assert.equal(code, 1, words);
    assert.match(err, /^heddle: Cannot [^\n]+no daemon is running there; start one with "heddle start"\n$/, words);
  }
});

test('a submission waits while the daemon recovers the jobs of an earlier one', async () => {
  let asked = 0;
  const server = createHttpServer((_request, response) => {
    if (++asked < 3) response.writeHead(503, { 'heddle-error-code': 'RECOVERING' }).end('being recovered');
    else response.end('{"submissionId":"a"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const words = ['job', 'submit', '--no-wait', '--json', '--', 'true'];
  const { code, out, err } = await runHeddle(words, import.meta.dirname, `http://127.0.0.1:${port}`);
  assert.deepEqual([code, JSON.parse(out), err, asked], [0, { submissionId: 'a' }, '', 3]);
  server.closeAllConnections();
  await once(server.close(), 'close');
});

test('an id that cannot be one is refused without asking anybody', async () => {
  for (const words of [
    ['job', 'status', '../x'],
    ['job', 'submit', '--submission-id', 'a/b', '--', 'true'],
  ]) {
    const { code, err } = await heddle(...words);
    assert.equal(code, 2);
    assert.match(err, /^heddle: Cannot use submission id "[^\n]+\n$/);
  }
});

test('every command has a help text with an example, and help is no failure', async () => {
  const commands = [
    '',
    'start',
    'stop',
    'status',
    'list',
    'job submit',
    'job status',
    'job logs',
    'job stop',
    'job list',
    'job delete',
    'backup',
    'doctor',
  ];
  for (const words of commands) {
    const { code, out, err } = await heddle(...words.split(' ').filter(Boolean), '--help');
    assert.equal(code, 0, words);
    assert.match(out, /Examples?:\n/, words);
    assert.equal(err, '');
  }
  assert.deepEqual(await heddle('--version'), { code: 0, out: '0.1.0\n', err: '' });
});
