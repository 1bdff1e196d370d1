import assert from 'node:assert/strict';
import test from 'node:test';
import { ManualClock } from '@heddle/base';
import { Encoder } from './encoder.ts';
import { Shapes } from './shapes.ts';
import { SharedCopies } from './shared-copies.ts';

const MIB = 2 ** 20;

function make(bytesMax: number) {
  const clock = new ManualClock();
  const letGo: number[] = [];
  const copies = new SharedCopies({ clock, bytesMax, onLetGo: (bytes) => letGo.push(bytes) });
  return { clock, copies, letGo };
}

/** The memory behind a copy of so many bytes, each of which is `fill`. */
function memoryOf(copies: SharedCopies, bytes: number, fill: number): ArrayBufferLike {
  const copy = copies.copyOf(new Uint8Array(bytes).fill(fill)) as Uint8Array;
  assert.ok(copy.every((byte) => byte === fill));
  return copy.buffer;
}

test('memory that was kept is copied into again, by the same length alone', () => {
  const { copies } = make(16 * MIB);
  const first = memoryOf(copies, MIB, 1);
  assert.deepEqual(copies.takeMade(), [first]);
  assert.equal(copies.keep([first as SharedArrayBuffer]), MIB);
  assert.notEqual(memoryOf(copies, MIB + 8, 2), first);
  assert.equal(memoryOf(copies, MIB, 3), first);
  assert.notEqual(memoryOf(copies, MIB, 4), first);
  assert.equal(copies.takeMade().length, 3);
  copies.letGo();
});

test('no more is kept than may be, and nothing small', () => {
  const { copies, letGo } = make(3 * MIB);
  const memories = Array.from({ length: 4 }, () => new SharedArrayBuffer(MIB));
  assert.equal(copies.keep([...memories, new SharedArrayBuffer(1024)]), 3 * MIB);
  copies.letGo();
  copies.letGo();
  assert.deepEqual(letGo, [3 * MIB]);
});

test('what is not used for a second is let go, and what is used stays', () => {
  const { clock, copies, letGo } = make(16 * MIB);
  const memory = new SharedArrayBuffer(MIB);
  copies.keep([memory]);
  for (let second = 0; second < 5; second++) {
    clock.advance(1_000);
    assert.equal(memoryOf(copies, MIB, second), memory);
    copies.keep([memory]);
  }
  assert.deepEqual(letGo, []);
  clock.advance(2_000);
  assert.deepEqual(letGo, [MIB]);
  assert.equal(clock.pendingTimers, 0);
});

test('copies of a value that is cloned as a whole after all are not kept for it', () => {
  const { copies } = make(16 * MIB);
  const encoder = new Encoder(new Shapes(), { encodeOwn: () => undefined });
  const encode = (value: unknown) => {
    encoder.encodeShared(value, [], { description: 'put' }, copies);
    return copies.takeMade().length;
  };
  const buffer = new ArrayBuffer(MIB);
  assert.equal(encode({ buffer }), 1);
  assert.equal(encode({ first: buffer, second: buffer }), 0);
});
