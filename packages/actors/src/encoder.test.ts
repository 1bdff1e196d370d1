import assert from 'node:assert/strict';
import { BlockList, SocketAddress } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { test } from 'node:test';
import fc from 'fast-check';
import { Decoder } from './decoder.ts';
import { Encoder } from './encoder.ts';
import { SerializationError } from './errors.ts';
import type { OwnValues } from './parcel.ts';
import { type Batch, Form } from './protocol.ts';
import { KEYS_MAX, SHAPES_MAX, Shapes } from './shapes.ts';
import { transfer } from './transfer.ts';
import { Tag } from './value-tags.ts';

/** Stands for a handle or a ref: structured cloning refuses it, the core of a thread knows it. */
class OwnThing {
  readonly brand = Symbol('own');
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }
}

const own: OwnValues = {
  encodeOwn(value) {
    if (!(value instanceof OwnThing)) return undefined;
    if (value.id < 0) throw new TypeError('a foreign thing cannot be sent');
    return { tag: Tag.Handle, parcel: { field: value.id, hold() {}, letGo() {}, leave: () => value.id } };
  },
};
const ownBuilder = { decodeOwn: (_tag: number, field: unknown) => new OwnThing(field as number) };

/** Both ends of a link: what one encodes the other decodes, having crossed as `postMessage` crosses. */
class Crossing {
  readonly shapes = new Shapes();
  readonly encoder = new Encoder(this.shapes, own);

  encode(values: readonly unknown[]): { readonly batch: Batch; readonly form: Form } {
    const batch: Batch = ['before'];
    const form = this.encoder.encodeAll(values, batch, { description: 'Subject.method' });
    return { batch, form };
  }

  decode({ batch, form }: { readonly batch: Batch; readonly form: Form }, count: number): unknown[] {
    const decoder = new Decoder([...this.shapes.keyLists], ownBuilder);
    decoder.batch = batch;
    decoder.at = 1;
    const values = decoder.decodeAll(count, form);
    assert.equal(decoder.at, batch.length, 'the decoder reads exactly what the encoder wrote');
    return values;
  }

  /** Between two threads. */
  send(values: readonly unknown[]): unknown[] {
    const { batch, form } = this.encode(values);
    return this.decode({ batch: structuredClone(batch), form }, values.length);
  }

  /** Within one thread, where nothing clones the batch. */
  sendLocally(values: readonly unknown[]): unknown[] {
    return this.decode(this.encode(values), values.length);
  }
}

/** Whether two values are the same graph: same kinds, prototypes, keys in order, holes, sharing and cycles. */
function isSameGraph(left: unknown, right: unknown): boolean {
  const partners = new Map<unknown, unknown>();
  const todo: [unknown, unknown][] = [[left, right]];
  for (let pair = todo.pop(); pair !== undefined; pair = todo.pop()) {
    const [a, b] = pair;
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) {
      if (!Object.is(a, b)) return false;
      continue;
    }
    if (partners.has(a) || partners.has(b)) {
      if (partners.get(a) !== b || partners.get(b) !== a) return false;
      continue;
    }
    partners.set(a, b);
    partners.set(b, a);
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    const [partsA, partsB] = [partsOf(a), partsOf(b)];
    if (partsA.length !== partsB.length) return false;
    for (const [index, part] of partsA.entries()) todo.push([part, partsB[index]]);
  }
  return true;
}

function partsOf(value: object): unknown[] {
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set) return [...value];
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof RegExp) return [value.source, value.flags];
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (value instanceof DataView) return [value.byteOffset, value.byteLength, value.buffer];
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<unknown>)];
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return [value.valueOf()];
  const keys = Object.keys(value);
  const record = value as Readonly<Record<string, unknown>>;
  return [...keys, ...keys.map((key) => record[key]), ...(Array.isArray(value) ? [value.length] : [])];
}

class Point {
  readonly x: unknown;
  readonly y: unknown;
  readonly #hidden = 'never sent';

  constructor(x: unknown, y: unknown) {
    this.x = x;
    this.y = y;
  }

  get hidden(): string {
    return this.#hidden;
  }
}

const anyKey = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'then', 'toJSON', '0', '17', 'length', '') },
);

const anyPrimitive = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, 0, Number.NaN, Number.POSITIVE_INFINITY, undefined, null, true, false),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 250, maxLength: 300 }),
);

const anyBytes = fc.uint8Array({ maxLength: 24 });

const anyLeaf = fc.oneof(
  anyPrimitive,
  fc.date({ noInvalidDate: false }),
  anyBytes,
  anyBytes.map((bytes) => Buffer.from(bytes)),
  anyBytes.map((bytes) => bytes.slice().buffer),
  anyBytes.map((bytes) => new DataView(bytes.slice().buffer)),
  fc.array(fc.double(), { maxLength: 6 }).map((numbers) => new Float64Array(numbers)),
  fc.array(fc.bigInt({ min: 0n, max: 2n ** 63n }), { maxLength: 6 }).map((numbers) => new BigUint64Array(numbers)),
  fc.constantFrom(/a+b/giu, new Number(3), new String('boxed'), new Boolean(false)),
);

/** A value of any kind that can be sent, before sharing and cycles are made. */
const anyTree = fc.letrec<{ tree: unknown; object: object }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, anyLeaf, tie('object')),
  object: fc.oneof(
    fc.array(fc.tuple(anyKey, tie('tree')), { maxLength: 6 }).map((entries) => objectOf(Object.prototype, entries)),
    fc.array(fc.tuple(anyKey, tie('tree')), { maxLength: 4 }).map((entries) => objectOf(null, entries)),
    fc.array(tie('tree'), { maxLength: 6 }),
    fc.array(fc.tuple(fc.nat(9), tie('tree')), { maxLength: 4 }).map(sparseArrayOf),
    fc.array(fc.tuple(tie('tree'), tie('tree')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie('tree'), { maxLength: 4 }).map((items) => new Set(items)),
    fc.tuple(tie('tree'), tie('tree')).map(([x, y]) => new Point(x, y)),
    fc.array(anyPrimitive, { minLength: 255, maxLength: 258 }),
  ),
}));

function objectOf(prototype: object | null, entries: readonly (readonly [string, unknown])[]): object {
  const object = Object.create(prototype);
  for (const [key, value] of entries)
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  return object;
}

function sparseArrayOf(entries: readonly (readonly [number, unknown])[]): unknown[] {
  const array: unknown[] = [];
  for (const [index, value] of entries) array[index] = value;
  return array;
}

/** A tree into which further edges were drawn between its own objects, so that it shares and cycles. */
const anyGraph = fc
  .tuple(anyTree.object, fc.array(fc.tuple(fc.nat(), fc.nat(), anyKey), { maxLength: 6 }))
  .map(([root, edges]) => {
    const objects = objectsIn(root);
    for (const [from, to, key] of edges) link(objects[from % objects.length]!, objects[to % objects.length]!, key);
    return root;
  });

function objectsIn(root: object): object[] {
  const found = new Set<object>([root]);
  for (const object of found)
    for (const part of partsOf(object)) if (typeof part === 'object' && part !== null) found.add(part);
  return [...found];
}

function link(from: object, to: object, key: string): void {
  if (Array.isArray(from)) from.push(to);
  else if (from instanceof Map) from.set(key, to);
  else if (from instanceof Set) from.add(to);
  else if (from instanceof Point || Object.getPrototypeOf(from) === Object.prototype) {
    Object.defineProperty(from, key, { value: to, writable: true, enumerable: true, configurable: true });
  }
}

test('objects of few and of many keys, of empty ones, and of like beginnings are not taken for each other', () => {
  const wide = Object.fromEntries(Array.from({ length: 40 }, (_, key) => [`k${key}`, key % 7 === 0 ? { key } : key]));
  const values = [{}, { '': 1 }, { '': { '': 2 } }, { a: 1, b: [] }, { a: {}, c: 1 }, { a: 2, b: 2 }, wide];
  const crossing = new Crossing();
  for (let turn = 0; turn < 2; turn++) assert.deepEqual(crossing.send(values), values);
});

test('objects of Node that structured cloning knows arrive as what they are, at any depth', () => {
  const blocked = new BlockList();
  blocked.addAddress('192.0.2.1');
  const address = new SocketAddress({ address: '192.0.2.1', port: 5 });
  const histogram = createHistogram();
  histogram.record(7);
  for (const send of [new Crossing().send, new Crossing().sendLocally]) {
    const [list, box] = send.call(new Crossing(), [blocked, { address, histogram }]) as [
      BlockList,
      { address: SocketAddress; histogram: typeof histogram },
    ];
    assert.deepEqual([list.check('192.0.2.1'), list.check('192.0.2.2')], [true, false]);
    assert.deepEqual([box.address.address, box.address.port], ['192.0.2.1', 5]);
    assert.equal(box.histogram.max, 7);
  }
});

test('whatever structured cloning carries arrives as structured cloning would have it', () => {
  fc.assert(
    fc.property(fc.array(anyTree.tree, { minLength: 1, maxLength: 4 }), (values) => {
      const sent = new Crossing().send(values);
      for (const [index, value] of values.entries()) assert.ok(isSameGraph(sent[index], structuredClone(value)));
    }),
    { numRuns: 150 },
  );
});

test('sharing and cycles within one argument arrive as they were', () => {
  fc.assert(
    fc.property(anyGraph, anyTree.tree, (graph, other) => {
      const [sent, beside] = new Crossing().send([graph, other]);
      assert.ok(isSameGraph(sent, structuredClone(graph)));
      assert.ok(isSameGraph(beside, structuredClone(other)), 'what shares nothing is read back by the same rules');
    }),
    { numRuns: 150 },
  );
});

test('within one thread a value arrives as it does from another', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const crossing = new Crossing();
      assert.ok(isSameGraph(crossing.sendLocally([graph])[0], crossing.send([graph])[0]));
    }),
    { numRuns: 150 },
  );
});

test('nothing that arrives is shared with what was sent, nor between two arguments', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const [first, second] = new Crossing().sendLocally([graph, graph]) as [object, object];
      const mine = new Set(objectsIn(graph));
      const theirs = new Set(objectsIn(first));
      for (const object of [...objectsIn(first), ...objectsIn(second)]) assert.ok(!mine.has(object));
      for (const object of objectsIn(second)) assert.ok(!theirs.has(object));
    }),
    { numRuns: 150 },
  );
});

test('what is encoded no longer changes when the sender changes it', () => {
  const crossing = new Crossing();
  const value = {
    n: 0,
    list: [1],
    long: new Array(300).fill(0),
    map: new Map([['k', { deep: 0 }]]),
    set: new Set([1]),
    bytes: new Uint8Array([0]),
    date: new Date(0),
  };
  const expected = structuredClone(value);
  const encoded = crossing.encode([value]);
  value.n = 1;
  value.list.push(2);
  value.long[0] = 1;
  value.map.get('k')!.deep = 1;
  value.set.add(2);
  value.bytes[0] = 1;
  value.date.setTime(1);
  assert.deepEqual(crossing.decode(encoded, 1), [expected]);
});

test('more key lists than are kept arrive all the same, and so do objects with very many keys', () => {
  const crossing = new Crossing();
  for (let index = 0; index < SHAPES_MAX + 500; index++) {
    const value = { [`key${index}`]: index, nested: { [`deep${index}`]: [index] } };
    assert.deepEqual(crossing.send([value]), [value]);
  }
  assert.equal(crossing.shapes.keyLists.length, SHAPES_MAX);
  const wide = Object.fromEntries(Array.from({ length: KEYS_MAX + 1 }, (_, index) => [`w${index}`, { index }]));
  assert.deepEqual(crossing.send([wide, { key0: 1, nested: 2 }]), [wide, { key0: 1, nested: 2 }]);
});

test('primitives alone stand without tags', () => {
  const { batch, form } = new Crossing().encode([1, 'two', undefined, null, 4n]);
  assert.equal(form, Form.Plain);
  assert.deepEqual(batch, ['before', 1, 'two', undefined, null, 4n]);
});

test('an own value is found at any depth and keeps its identity within an argument', () => {
  const thing = new OwnThing(7);
  const value = { a: [{ b: new Map([[thing, new Set([thing])]]) }], again: thing };
  const [sent] = new Crossing().send([value]) as [typeof value];
  assert.ok(sent.again instanceof OwnThing);
  assert.equal(sent.again.id, 7);
  const [[key, set]] = sent.a[0]!.b.entries() as unknown as [[OwnThing, Set<OwnThing>]];
  assert.equal(key, sent.again);
  assert.ok(set.has(sent.again));
});

test('shared memory stays shared, whichever way it is held', () => {
  const memory = new SharedArrayBuffer(8);
  const [sent] = new Crossing().send([{ memory, view: new Int32Array(memory) }]) as [
    { memory: SharedArrayBuffer; view: Int32Array },
  ];
  new Int32Array(memory)[0] = 42;
  assert.equal(sent.view[0], 42);
  assert.equal(new Int32Array(sent.memory)[0], 42);
});

test('a view carries its own part of a large buffer only', () => {
  const large = new ArrayBuffer(1_000_000);
  const [sent] = new Crossing().send([new Uint8Array(large, 10, 4)]) as [Uint8Array];
  assert.equal(sent.buffer.byteLength, 4);
});

test('two views of one buffer still share it', () => {
  const buffer = new ArrayBuffer(8);
  const [sent] = new Crossing().send([{ a: new Uint8Array(buffer), b: new Uint8Array(buffer, 4) }]) as [
    { a: Uint8Array; b: Uint8Array },
  ];
  sent.a[4] = 9;
  assert.equal(sent.b[0], 9);
});

test('an error arrives with its class, fields and cause', () => {
  const error = Object.assign(new RangeError('too far', { cause: new TypeError('why') }), { code: 'E_FAR', at: [1] });
  const [{ errors }] = new Crossing().send([{ errors: [error, error] }]) as [{ errors: [RangeError, RangeError] }];
  assert.ok(errors[0] instanceof RangeError);
  assert.equal(errors[0].message, 'too far');
  assert.deepEqual({ ...errors[0] }, { code: 'E_FAR', at: [1] });
  assert.ok(errors[0].cause instanceof TypeError);
  assert.equal(errors[0], errors[1]);
});

test('a getter is read once', () => {
  let reads = 0;
  const value = {
    first: 1,
    get second() {
      return ++reads === 1 ? { nested: true } : 'read again';
    },
    third: 3,
  };
  assert.deepEqual(new Crossing().send([value]), [{ first: 1, second: { nested: true }, third: 3 }]);
});

test('getters run while the encoder says that it is busy, and at no other time is it', () => {
  const crossing = new Crossing();
  const seen: boolean[] = [];
  const watching = {
    get field() {
      seen.push(crossing.encoder.isBusy);
      return 1;
    },
  };
  crossing.send([watching]);
  assert.throws(() => crossing.send([watching, () => {}]));
  assert.deepEqual(seen, [true, true]);
  assert.equal(crossing.encoder.isBusy, false);
});

test('what cannot be moved is named by its place in the value', () => {
  const gone = new ArrayBuffer(8);
  structuredClone(gone, { transfer: [gone] });
  assert.equal(failureOf([1, transfer(gone, [gone])]).path, 'argument 2');
  assert.equal(failureOf([transfer({ deep: [() => {}] }, [])]).path, 'argument 1 .deep[0]');
});

test('what is moved arrives, is gone here, and is named for the transfer list', () => {
  const crossing = new Crossing();
  const bytes = new Uint8Array([1, 2, 3]);
  const shared = { n: 1 };
  const batch: Batch = ['before'];
  const value = { first: shared, moved: transfer(bytes, [bytes.buffer]), again: shared, last: [shared] };
  const form = crossing.encoder.encodeAll([value], batch, { description: 'Subject.method' });
  assert.equal(bytes.length, 0);
  const transfers = crossing.encoder.freight.takeTransfers();
  assert.equal(transfers.length, 1);
  const sent = structuredClone(batch, { transfer: transfers as never[] });
  const [arrived] = crossing.decode({ batch: sent, form }, 1) as [typeof value];
  assert.deepEqual([...arrived.moved], [1, 2, 3]);
  assert.deepEqual(arrived.first, { n: 1 });
  assert.equal(arrived.again, arrived.first, 'what moved does not shift what stands for what');
  assert.equal(arrived.last[0], arrived.first);
});

test('a call that cannot be sent takes no other call’s turn to move, and moves nothing while the culprit is sought', () => {
  const crossing = new Crossing();
  const [before, after] = [new Uint8Array(4), new Uint8Array(4)];
  const value = { before: transfer(before, [before.buffer]), bad: () => {}, after: transfer(after, [after.buffer]) };
  assert.throws(
    () => crossing.encode([value]),
    (error) => error instanceof SerializationError && error.path === 'argument 1 .bad',
  );
  assert.deepEqual(crossing.encoder.freight.takeTransfers(), []);
  assert.equal(after.length, 4);
});

test('copies of large binary data may move with what is sent once only, and are kept otherwise', () => {
  const crossing = new Crossing();
  const bytes = new Uint8Array(5_000).fill(1);
  const values = [{ bytes, small: new Uint8Array(8) }, bytes.buffer, new DataView(bytes.buffer, 8, 8)];
  const batch: Batch = ['before'];
  const form = crossing.encoder.encodeAll(values, batch, { description: 'Subject.method' });
  const moved = crossing.encoder.freight.takeTransfers(true);
  assert.equal(moved.length, 2);
  assert.ok(!moved.includes(bytes.buffer));
  const sent = structuredClone(batch, { transfer: moved as never[] });
  assert.deepEqual(crossing.decode({ batch: sent, form }, 3), values);
  assert.equal(bytes.length, 5_000);

  crossing.encode(values);
  assert.deepEqual(crossing.encoder.freight.takeTransfers(), []);
  assert.deepEqual(crossing.encoder.freight.takeTransfers(true), [], 'they are forgotten then');
});

test('a value that is cloned whole after all moves nothing of what was copied before', () => {
  const crossing = new Crossing();
  const bytes = new Uint8Array(5_000);
  crossing.encode([[bytes, bytes.subarray(1)]]); // Two views of one buffer.
  assert.deepEqual(crossing.encoder.freight.takeTransfers(true), []);
});

// ── What cannot be sent ────────────────────────────────────────────────────────────────────────────────────

function failureOf(values: readonly unknown[], first?: string): SerializationError {
  const batch: Batch = ['before'];
  const encoder = new Encoder(new Shapes(), own);
  try {
    encoder.encodeAll(values, batch, { description: 'Subject.method' }, first);
  } catch (error) {
    assert.ok(error instanceof SerializationError, String(error));
    assert.deepEqual(batch, ['before'], 'what was written so far is taken back');
    return error;
  }
  throw new assert.AssertionError({ message: 'the value could be sent' });
}

const onDone = () => {};

const CULPRITS: readonly (readonly [path: string, values: readonly unknown[]])[] = [
  ['argument 1', [onDone]],
  ['argument 3', [1, 2, Symbol('no')]],
  ['argument 2 .options.onDone', [1, { options: { onDone } }]],
  ['argument 1 [2].a', [[0, {}, { a: onDone }]]],
  ['argument 1 ["not an identifier"]', [{ 'not an identifier': onDone }]],
  ['argument 1 ["k"].f', [new Map([['k', { f: onDone }]])]],
  ['argument 1 [key [object Object]].f', [new Map([[{ f: onDone }, 1]])]],
  [
    'argument 1 [key [object Object]].toString',
    [new Map([[Object.assign(Object.create(null), { toString: onDone }), 1]])],
  ],
  ['argument 1 [1].f', [new Set([1, { f: onDone }])]],
  ['argument 1 .x.y', [new Point(new Point(1, onDone), 2)]],
  ['argument 1 .promise', [{ fine: new Date(0), promise: Promise.resolve() }]],
  ['argument 1 .weak', [{ weak: new WeakMap() }]],
  ['argument 1 .late', [{ sparse: sparseArrayOf([[2, 3]]), late: onDone }]],
  ['argument 1 [3].late', [sparseArrayOf([[3, { late: onDone }]])]],
  [
    'argument 1 .bad',
    [
      {
        good: 1,
        get bad() {
          throw new Error('unreadable');
        },
      },
    ],
  ],
  ['argument 1 .foreign', [{ own: new OwnThing(1), foreign: new OwnThing(-1) }]],
  ['argument 1 .list[299]', [{ list: [...new Array(299).fill(0), onDone] }]],
];

for (const [path, values] of CULPRITS) {
  test(`what cannot be sent is named by its path: ${path}`, () => {
    const error = failureOf(values);
    assert.equal(error.path, path);
    assert.ok(error.message.startsWith(`Cannot send ${path} of Subject.method: `), error.message);
    assert.equal(error.retryable, true);
  });
}

test('a result is named as such', () => {
  assert.equal(failureOf([{ f: onDone }], 'the result').path, 'the result .f');
});

test('what is wrong is said beside where', () => {
  assert.match(failureOf([{ onDone }]).message, /: a function \("onDone"\) cannot be sent$/);
  assert.match(failureOf([Symbol('s')]).message, /: a symbol cannot be sent$/);
  assert.match(failureOf([Promise.resolve()]).message, /: #<Promise> could not be cloned\.$/);
});

test('an object of the platform of which nothing would arrive is refused, one of a user’s class is not', () => {
  class Tagged {
    x = 1;
    get [Symbol.toStringTag](): string {
      return 'Tagged';
    }
  }
  assert.deepEqual(new Crossing().send([new Tagged()]), [{ x: 1 }]);
  for (const hollow of [AbortSignal.abort(), new EventTarget(), new TextEncoder(), new AbortController()]) {
    const { message } = failureOf([{ deep: [hollow] }]);
    assert.match(message, new RegExp(`argument 1 \\.deep\\[0\\] .*: ${hollow.constructor.name} cannot be sent`));
  }
});

test('A4: what structured cloning refuses or has otherwise is this', () => {
  const wire = new Crossing();
  const sent = <T>(value: T): T => wire.send([value])[0] as T;
  assert.deepEqual(sent(Object.assign([1, 2], { name: 'x' })), [1, 2], 'an array leaves its named properties behind');
  assert.deepEqual(sent(new Proxy({ a: 1 }, {})), { a: 1 }, 'a proxy is what it shows');
  assert.deepEqual(sent(new Proxy([1, 2], {})), [1, 2]);
  const listed = sent(
    (
      function () {
        // biome-ignore lint/complexity/noArguments: it is the subject.
        return arguments;
      } as (...args: number[]) => object
    )(1, 2),
  );
  assert.deepEqual({ ...listed }, { 0: 1, 1: 2 });
  const error = sent(Object.assign(new RangeError('far'), { code: 'FAR', cause: new TypeError('near') }));
  assert.deepEqual([error.code, error.cause instanceof TypeError], ['FAR', true], 'an error keeps its own fields');
  assert.equal(sent(new Uint8Array(new ArrayBuffer(100), 10, 20)).buffer.byteLength, 20);
  for (const refused of [() => {}, Symbol('s'), new WeakMap(), Promise.resolve()])
    assert.throws(() => sent(refused as unknown), { code: 'SERIALIZATION' });
});

test('a proxy whose traps throw is refused like anything else that cannot be sent', () => {
  const hostile = new Proxy(
    {},
    {
      ownKeys() {
        throw new Error('no keys for you');
      },
    },
  );
  assert.equal(failureOf([{ hostile }]).path, 'argument 1 .hostile');
});

const NESTINGS: Readonly<Record<string, (inner: unknown) => unknown>> = {
  objects: (inner) => ({ inner }),
  arrays: (inner) => [inner],
  'sparse arrays': (inner) => sparseArrayOf([[1, inner]]),
  'maps by key': (inner) => new Map([[inner, 1]]),
  'maps by value': (inner) => new Map([[1, inner]]),
  sets: (inner) => new Set([inner]),
};

for (const [name, wrap] of Object.entries(NESTINGS)) {
  test(`a value nested a thousand levels deep arrives and one far deeper is refused: ${name}`, () => {
    let value: unknown = 'core';
    for (let level = 0; level < 1_000; level++) value = wrap(value);
    assert.ok(isSameGraph(new Crossing().send([value])[0], value));

    for (let level = 0; level < 20_000; level++) value = wrap(value);
    const error = failureOf(['first', value]);
    assert.equal(error.path, 'argument 2');
    assert.match(error.message, /: it is nested deeper than 1500 levels$/);
  });
}

test('bytes are weighed: long texts, arrays, binary data', () => {
  const weightOf = (value: unknown): number => {
    const { encoder } = new Crossing();
    encoder.encodeAll([value], [], { description: 'Subject.method' });
    return encoder.freight.takeBytes();
  };
  assert.equal(weightOf('short'), 0);
  assert.equal(weightOf('x'.repeat(1_000)), 2_000);
  assert.equal(weightOf({ text: 'x'.repeat(1_000) }), 2_000);
  assert.equal(weightOf(['x'.repeat(1_000)]), 2_000);
  assert.equal(weightOf(new Uint8Array(5_000)), 5_000);
  assert.equal(weightOf(new ArrayBuffer(5_000)), 5_000);
  assert.equal(weightOf(new DataView(new ArrayBuffer(5_000))), 5_000);
  assert.equal(weightOf(new Array(1_000).fill(0)), 8_000);
  assert.equal(weightOf([...new Array(999).fill(0), 'x'.repeat(1_000)]), 10_000);
});
