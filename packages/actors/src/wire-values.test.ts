import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withCopies, withMemory } from './wire-memory.ts';
import { problemOnWire, withoutUnwirable } from './wire-values.ts';

const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (code: Uint8Array) => object } };
const wasm = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));

test('what a serialiser writes whole may leave the process, at any depth and in a cycle', () => {
  const cycle: Record<string, unknown> = { list: [new Date(0), /a/g, Object(1n), new Error('x')] };
  cycle.self = new Map([[new Set([cycle]), new Float64Array(2)]]);
  assert.equal(problemOnWire(cycle), undefined);
  assert.equal(problemOnWire(Object.create(null)), undefined);
  assert.equal(problemOnWire(Buffer.from('x')), undefined);
});

test('shared memory and what belongs to the process may not, wherever it stands', () => {
  const shared = new SharedArrayBuffer(8);
  for (const value of [shared, new Uint8Array(shared), [{ a: shared }], new Map([[shared, 1]]), new Set([shared])])
    assert.match(problemOnWire(value) ?? '', /shared memory/);
  assert.match(problemOnWire(new Error('x', { cause: shared })) ?? '', /shared memory/);
  assert.match(problemOnWire([new Blob([])]) ?? '', /\[object Blob\]/);
  assert.match(problemOnWire({ wasm }) ?? '', /\[object WebAssembly\.Module\]/);
});

test('an error arrives with text in the place of what cannot leave the process, and is otherwise left alone', () => {
  const fine = { error: { fields: { date: new Date(0) } } };
  assert.equal(withoutUnwirable(fine), fine);
  const fields = { wasm, memory: new SharedArrayBuffer(1), list: [1, { wasm }], date: new Date(0) };
  assert.deepEqual(withoutUnwirable({ error: { fields } }), {
    error: {
      fields: {
        wasm: '[object WebAssembly.Module]',
        memory: '[object SharedArrayBuffer]',
        list: [1, { wasm: '[object WebAssembly.Module]' }],
        date: new Date(0),
      },
    },
  });
});

test('the memory of stored objects stands beside the batch as copies, and becomes shared memory again', () => {
  const memory = new SharedArrayBuffer(16);
  const view = new Float64Array(memory, 8, 1).fill(1.5);
  assert.equal(withCopies(['a', new Uint8Array(2)]), undefined);
  const stored = withCopies([1, memory, view, new DataView(memory, 4, 4)])!;
  const [one, whole, part, data] = withMemory(structuredClone(stored)) as [
    number,
    SharedArrayBuffer,
    Float64Array,
    DataView,
  ];
  assert.deepEqual([one, whole.byteLength, part, data.byteLength], [1, 16, view, 4]);
  assert.ok(whole instanceof SharedArrayBuffer && part.buffer instanceof SharedArrayBuffer);
  assert.notEqual(part.buffer, memory);
});
