import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
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
