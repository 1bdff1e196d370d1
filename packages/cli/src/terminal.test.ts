import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { printable, Terminal } from './terminal.ts';

const terminalOn = (stream: PassThrough, onGone = () => {}) => new Terminal(stream as never, onGone);

test('text from elsewhere stays on its line and cannot steer the terminal', () => {
  assert.equal(printable('a\nb\t\u001b[31mc\u009b0m\u2028é😀'), 'a\\nb\\t\\x1b[31mc\\x9b0m\\x2028é😀');
});

test('into a pipe there are no colours and JSON is one line', async () => {
  const stream = new PassThrough();
  const terminal = terminalOn(stream);
  assert.equal(terminal.style('red', 'x'), 'x');
  await terminal.json({ a: [1] });
  assert.equal(String(stream.read()), '{"a":[1]}\n');
  assert.equal(terminal.columns, undefined);
});

test('a slow reader holds the writer back', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const terminal = terminalOn(stream);
  let isDone = false;
  const writing = terminal.write('more than four').then(() => {
    isDone = true;
  });
  await new Promise(setImmediate);
  assert.equal(isDone, false);
  stream.resume();
  await writing;
});

test('where the output cannot be written a command says so in one line, and a daemon goes on', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'heddle-cli-'));
  const full = openSync('/dev/full', 'w');
  const begin = (...words: string[]) => {
    const heddle = fileURLToPath(new URL('testing/heddle.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=heddle-source', heddle, ...words], {
      cwd: directory,
      stdio: ['ignore', full, 'pipe'],
    });
    return { child, said: createInterface(child.stderr!) };
  };
  try {
    const command = begin('--version');
    const [[line], [code]] = await Promise.all([once(command.said, 'line'), once(command.child, 'exit')]);
    assert.equal(line, 'heddle: Cannot write the output: ENOSPC: no space left on device, write');
    assert.equal(code, 1);

    const daemon = begin('start', '--port', '0', '--directory', 'state');
    for await (const said of daemon.said) if (said.includes('"msg":"ready"')) break;
    const ended = once(daemon.child, 'exit');
    daemon.child.stderr!.resume();
    daemon.child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  } finally {
    closeSync(full);
    await rm(directory, { recursive: true });
  }
});

test('when the reader is gone it is told once, and writing goes on in silence', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  let told = 0;
  const terminal = terminalOn(stream, () => told++);
  const held = terminal.write('more than four');
  stream.emit('error', Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
  await held;
  await terminal.line('nobody reads this');
  assert.equal(told, 1);
});
