/**
 * Turns values into fields of a batch, in one pass that is also the snapshot: what is encoded no longer
 * changes when the caller's objects do.
 *
 * Primitives stand inline. Plain objects stand as a shape number and their values, arrays as a length and
 * theirs; maps, sets, errors, handles and refs have tags of their own, so that handles and refs are found at
 * any depth. Everything else that structured cloning knows (dates, buffers, typed arrays, …) is cloned here
 * and stands as one field. An instance of a class arrives as a plain object, as structured cloning has it.
 *
 * An object that stands twice within one argument arrives as one object (`Tag.Again`), cycles included; two
 * arguments never share. What cannot be sent is a `SerializationError` that names the path; the fields
 * written so far are taken back, so that a batch can not fail. Nor can it fail to be read: a value nested deeper
 * than any thread's stack can follow is refused here, since a port drops a message that it cannot read.
 *
 * Differences from structured cloning, all meant: named properties of arrays are dropped, an instance of
 * `Error` keeps its own fields, `code`, and class where that is registered, a view of a large buffer
 * carries only its own part, and a proxy or an `arguments` object arrives as the plain object or array that it shows.
 * `docs/semantics.md` has them for users.
 */
import type { Transferable } from 'node:worker_threads';
import { encodeThrown, nestsDeeperThan } from '@heddle/base';
import { SerializationError } from './errors.ts';
import { movableBuffer } from './own-copies.ts';
import { type Batch, Form } from './protocol.ts';
import { Shapes } from './shapes.ts';
import type { SharedCopies } from './shared-copies.ts';
import { Transferred } from './transfer.ts';
import { problemOnWire } from './wire-values.ts';

/** The low four bits of a tag field; the rest is its number: a shape, a length, an index. */
export const Tag = {
  Inline: 0,
  /** shape; a mask of which values are tagged; values, of which the others are primitives as they are. */
  MaskedObject: 1,
  /** shape; tagged values: an object with more keys than a mask has bits. */
  Object: 2,
  /** length; primitives. */
  FlatArray: 3,
  /** length; tagged values. */
  Array: 4,
  /** One field, cloned when it was encoded. */
  Cloned: 5,
  /** key count; keys; tagged values: an object whose shape is not kept. */
  Keyed: 6,
  /** size; tagged keys and values by turns. */
  Map: 7,
  /** size; tagged values. */
  Set: 8,
  /** One field: an encoded error. */
  Error: 9,
  /** index: the object met as number `index` of this argument. */
  Again: 10,
  /** One field each, written and read by the core: a handle, a ref. */
  Handle: 11,
  Ref: 12,
} as const;

export const TAG_BITS = 4;
/** So many keys have a bit each in the mask of an object. */
const MASK_BITS = 30;

/**
 * Objects nested deeper than this are refused. A driver's stack, the smallest, reads back about 2,400 levels;
 * a worker's could write ten times as many, and the driver would lose the batch.
 */
const DEPTH_MAX = 1_500;
/** Up to this many objects of an argument are compared one by one before a map is made. */
const SEEN_LINEAR_MAX = 12;
/** An array at least this long whose elements are all primitives stands as one field. */
const LONG_ARRAY = 256;

/** Shorter strings count as fields only. */
const LONG_STRING = 256;

/** A path is told up to this many steps: a cycle of parts that cannot be sent has no end. */
const PATH_STEPS_MAX = 100;

/** What is being encoded for, in words: for an error. */
export interface Described {
  readonly description: string;
}

/** What knows the runtime's own values. `undefined` when `value` is none of them. */
export interface OwnValues {
  encodeOwn(value: object): EncodedOwn | undefined;
}

export interface EncodedOwn {
  readonly tag: number;
  readonly parcel: Parcel;
}

/**
 * A value of the runtime's own as it stands in encoded fields: what must live while the fields are kept, whatever the
 * program releases meanwhile, and what must be counted each time they leave this thread.
 */
export interface Parcel {
  /** The field for reading back in this thread. */
  readonly field: unknown;
  /** The fields are kept, until `letGo`. */
  hold(): void;
  letGo(): void;
  /** One more copy leaves this thread: the field to send. */
  leave(): unknown;
}

/** A parcel and the index of its field. */
export interface PlacedParcel {
  readonly at: number;
  readonly parcel: Parcel;
}

const NO_PARCELS: PlacedParcel[] = [];

/** Puts into `out` the fields with which the parcels leave, each `offset` further on than it was encoded. */
export function leaveAll(parcels: readonly PlacedParcel[], out: Batch, offset = 0): void {
  for (const { at, parcel } of parcels) out[at + offset] = parcel.leave();
}

/** The fields of the parcels are kept no longer. */
export function letGoAll(parcels: readonly PlacedParcel[]): void {
  for (const { parcel } of parcels) parcel.letGo();
}

/** Thrown inside an encoding that has to begin again as one structured clone: a hole, or two views of a buffer. */
const AS_CLONE = Symbol('as one clone');

class Unsendable {
  readonly problem: string;
  constructor(problem: string) {
    this.problem = problem;
  }
}

const TOO_DEEP = new Unsendable(`it is nested deeper than ${DEPTH_MAX} levels`);

export class Encoder {
  readonly #shapes: Shapes;
  readonly #own: OwnValues;
  #seen: object[] = [];
  #seenIndex: Map<object, number> | undefined;
  #graph = false;
  #bytes = 0;
  #transfers: Transferable[] = [];
  /** The buffers of copies made here, which may move as well if what is encoded is sent only once. */
  #copies: ArrayBuffer[] = [];
  #parcels: PlacedParcel[] = [];
  #parcelsBefore = 0;
  #isBusy = false;
  /** Where binary data is copied to while a value is put. */
  #shared: SharedCopies | undefined;
  #isProbe = false;
  /** What is encoded goes to another process. */
  #isWire = false;

  constructor(shapes: Shapes, own: OwnValues) {
    this.#shapes = shapes;
    this.#own = own;
  }

  /** True while a getter of the value that is being encoded runs: it must not write entries of its own. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Appends `values` to `out` and says in which form. `task` names the call for an error; `isWire`: for another process. */
  encodeAll(values: readonly unknown[], out: Batch, task: Described, first = 'argument', isWire = false): Form {
    const start = out.length;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (!isPrimitive(value)) {
        if (i > 0) out.length = start;
        this.#isWire = isWire;
        return this.#encodeTagged(values, out, task, first);
      }
      if (typeof value === 'string') this.#weigh(value);
      out.push(value);
    }
    return Form.Plain;
  }

  /** Appends one value whose binary data are copied into shared memory, or stand there already. */
  encodeShared(value: unknown, out: Batch, task: Described, copies: SharedCopies): Form {
    this.#shared = copies;
    try {
      return this.encodeAll([value], out, task, 'the value');
    } finally {
      this.#shared = undefined;
    }
  }

  /** Known bytes encoded since the last asking: long strings and binary data. */
  takeBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }

  /**
   * What the values encoded since the last asking move with them: for the transfer list of their batch. `isOnce`: what
   * was encoded is never sent again, so that our own copies may move too.
   */
  takeTransfers(isOnce = false): readonly Transferable[] {
    let transfers = this.#transfers;
    if (transfers.length > 0) this.#transfers = [];
    if (this.#copies.length > 0) {
      if (isOnce) transfers = transfers.length === 0 ? this.#copies : [...transfers, ...this.#copies];
      this.#copies = [];
    }
    return transfers;
  }

  /** Moved here and now into a clone of our own, which moves on with the batch. */
  #move({ value, list }: Transferred, out: Batch): void {
    if (this.#isWire) checkMovable(value, list);
    if (this.#isProbe) return;
    if (nestsDeeperThan(DEPTH_MAX, value)) throw TOO_DEEP;
    const moved = structuredClone({ value, list }, { transfer: list as never[] });
    this.#transfers.push(...moved.list);
    if (ArrayBuffer.isView(moved.value) && moved.value.buffer instanceof ArrayBuffer) this.#meet(moved.value.buffer);
    out.push(Tag.Cloned, moved.value);
  }

  /** The handles and refs encoded since the last asking, and where they stand. They are held: let them go (`letGoAll`). */
  takeParcels(): PlacedParcel[] {
    if (this.#parcels.length === 0) return NO_PARCELS;
    const parcels = this.#parcels;
    this.#parcels = [];
    for (const { parcel } of parcels) parcel.hold();
    return parcels;
  }

  /** Counts what was encoded into `out` since the last asking as leaving with it; it is sent once only. */
  sendParcels(out: Batch): void {
    if (this.#parcels.length === 0) return;
    leaveAll(this.#parcels, out);
    this.#parcels = [];
  }

  /** Throws when `value` cannot be sent; keeps nothing and moves nothing. For an encoder made to ask just this. */
  encodeProbe(value: unknown, isWire: boolean): void {
    this.#isProbe = true;
    this.#isWire = isWire;
    this.#encodeOne(value, []);
  }

  #encodeTagged(values: readonly unknown[], out: Batch, task: Described, first: string): Form {
    const start = out.length;
    let at = 0;
    this.#graph = false;
    this.#isBusy = true;
    this.#parcelsBefore = this.#parcels.length;
    try {
      for (; at < values.length; at++) this.#encodeOne(values[at], out);
    } catch (error) {
      out.length = start;
      this.#transfers = [];
      this.#copies = [];
      this.#parcels.length = this.#parcelsBefore;
      const named = first === 'argument' ? `argument ${at + 1}` : first;
      const path = error === TOO_DEEP ? '' : locate(values[at], this.#own, this.#isWire);
      throw new SerializationError(task.description, path === '' ? named : `${named} ${path}`, problemOf(error));
    } finally {
      this.#forget();
      this.#isBusy = false;
    }
    return this.#graph ? Form.Graph : Form.Tagged;
  }

  #encodeOne(value: unknown, out: Batch): void {
    const before = out.length;
    const graphBefore = this.#graph;
    const parcelsBefore = this.#parcels.length;
    const copiesBefore = this.#copies.length;
    this.#forget();
    try {
      this.#encode(value, out, 0);
    } catch (error) {
      if (error !== AS_CLONE) throw error;
      out.length = before;
      this.#graph = graphBefore;
      this.#parcels.length = parcelsBefore;
      this.#copies.length = copiesBefore;
      out.push(Tag.Cloned, this.#cloneOf(value as object));
    }
  }

  #weigh(text: string): void {
    if (text.length >= LONG_STRING) this.#bytes += 2 * text.length;
  }

  #forget(): void {
    if (this.#seen.length > 0) this.#seen = [];
    this.#seenIndex = undefined;
  }

  #encode(value: unknown, out: Batch, depth: number): void {
    if (isPrimitive(value)) {
      if (typeof value === 'string') this.#weigh(value);
      out.push(Tag.Inline, value);
      return;
    }
    if (typeof value !== 'object' || value === null) throw new Unsendable(unsendableProblem(value));
    if (depth > DEPTH_MAX) throw TOO_DEEP;
    const again = this.#meet(value);
    if (again !== -1) {
      if (value instanceof ArrayBuffer) throw AS_CLONE;
      this.#graph = true;
      out.push((again << TAG_BITS) | Tag.Again);
      return;
    }
    if (Array.isArray(value)) this.#encodeArray(value, out, depth);
    else {
      const prototype = Object.getPrototypeOf(value);
      if (prototype === Object.prototype || prototype === null) this.#encodeObject(value, out, depth);
      else this.#encodeSpecial(value, out, depth);
    }
  }

  /** The index under which this object was met before in this argument, or -1, and then it has been met now. */
  #meet(value: object): number {
    const seen = this.#seen;
    if (this.#seenIndex !== undefined) {
      const index = this.#seenIndex.get(value);
      if (index !== undefined) return index;
      this.#seenIndex.set(value, seen.length);
    } else {
      for (let i = 0; i < seen.length; i++) if (seen[i] === value) return i;
      if (seen.length === SEEN_LINEAR_MAX) {
        this.#seenIndex = new Map(seen.map((each, index) => [each, index]));
        this.#seenIndex.set(value, seen.length);
      }
    }
    seen.push(value);
    return -1;
  }

  #encodeObject(value: object, out: Batch, depth: number): void {
    const record = value as Record<string, unknown>;
    const keys = Object.keys(record);
    const shape = this.#shapes.numberOf(keys);
    if (shape === -1) {
      out.push((keys.length << TAG_BITS) | Tag.Keyed);
      for (let i = 0; i < keys.length; i++) out.push(keys[i]);
      for (let i = 0; i < keys.length; i++) this.#encode(record[keys[i]!], out, depth + 1);
      return;
    }
    if (keys.length > MASK_BITS) {
      out.push((shape << TAG_BITS) | Tag.Object);
      for (let i = 0; i < keys.length; i++) this.#encode(record[keys[i]!], out, depth + 1);
      return;
    }
    const maskAt = out.push((shape << TAG_BITS) | Tag.MaskedObject, 0) - 1;
    const values = valuesOf(record, keys);
    let mask = 0;
    for (let i = 0; i < values.length; i++) {
      const field = values[i];
      if (isPrimitive(field)) {
        if (typeof field === 'string') this.#weigh(field);
        out.push(field);
      } else {
        mask |= 1 << i;
        this.#encode(field, out, depth + 1);
      }
    }
    if (mask !== 0) out[maskAt] = mask;
  }

  #encodeArray(value: readonly unknown[], out: Batch, depth: number): void {
    const length = value.length;
    if (length >= LONG_ARRAY && value.every(isPrimitive)) {
      for (let i = 0; i < length; i++) if (typeof value[i] === 'string') this.#weigh(value[i] as string);
      this.#bytes += 8 * length;
      const isOrdinary = Object.getPrototypeOf(value) === Array.prototype && isDense(value);
      out.push(Tag.Cloned, isOrdinary ? value.slice() : structuredClone(value));
      return;
    }
    const at = out.length;
    out.push((length << TAG_BITS) | Tag.FlatArray);
    for (let i = 0; i < length; i++) {
      const element = elementAt(value, i);
      if (!isPrimitive(element)) {
        this.#retag(out, at, i, (length << TAG_BITS) | Tag.Array);
        this.#encode(element, out, depth + 1);
        for (i++; i < length; i++) this.#encode(elementAt(value, i), out, depth + 1);
        return;
      }
      if (typeof element === 'string') this.#weigh(element);
      out.push(element);
    }
  }

  /** Turns a flat beginning of `count` primitives at `at` into the tagged form, whose tag field is `tag`. */
  #retag(out: Batch, at: number, count: number, tag: number): void {
    const plain = out.splice(at, count + 1);
    out.push(tag);
    for (let i = 1; i <= count; i++) out.push(Tag.Inline, plain[i]);
  }

  #encodeSpecial(value: object, out: Batch, depth: number): void {
    if (value instanceof Transferred) {
      this.#move(value, out);
      return;
    }
    const own = this.#own.encodeOwn(value);
    if (own !== undefined) {
      out.push(own.tag, own.parcel.field);
      this.#parcels.push({ at: out.length - 1, parcel: own.parcel });
    } else if (value instanceof Map) {
      out.push((value.size << TAG_BITS) | Tag.Map);
      for (const [key, item] of value) {
        this.#encode(key, out, depth + 1);
        this.#encode(item, out, depth + 1);
      }
    } else if (value instanceof Set) {
      out.push((value.size << TAG_BITS) | Tag.Set);
      for (const item of value) this.#encode(item, out, depth + 1);
    } else if (value instanceof Error) {
      out.push(Tag.Error, encodeThrown(value));
    } else if (ArrayBuffer.isView(value)) {
      this.#encodeView(value, out);
    } else if (this.#shared !== undefined && value instanceof ArrayBuffer) {
      this.#bytes += value.byteLength;
      out.push(Tag.Cloned, this.#shared.copyOf(new Uint8Array(value)).buffer);
    } else if (isUserInstance(value)) {
      this.#encodeObject(value, out, depth);
    } else {
      const clone = this.#cloneOf(value);
      out.push(Tag.Cloned, clone);
      if (value instanceof ArrayBuffer) this.#copied(clone as ArrayBuffer, value);
    }
  }

  /** A view carries a copy of its own part of the buffer, unless that is shared memory. The buffer takes an index too. */
  #encodeView(view: ArrayBufferView, out: Batch): void {
    if (this.#shared !== undefined) {
      this.#bytes += view.byteLength;
      out.push(Tag.Cloned, view.buffer instanceof SharedArrayBuffer ? view : this.#shared.copyOf(view));
      return;
    }
    if (view.buffer instanceof ArrayBuffer) {
      if (this.#meet(view.buffer) !== -1) throw AS_CLONE; // Two views of one buffer stay so: leave them to structured cloning.
    }
    if (this.#isWire) checkWirable(view);
    const copy = copyOfView(view);
    out.push(Tag.Cloned, copy);
    if (view.buffer instanceof ArrayBuffer) this.#copied(copy, view);
  }

  #copied(copy: ArrayBufferView | ArrayBuffer, original: ArrayBufferView | ArrayBuffer): void {
    this.#bytes += copy instanceof DataView ? copy.buffer.byteLength : copy.byteLength;
    const buffer = movableBuffer(copy, original);
    if (buffer !== undefined) this.#copies.push(buffer);
  }

  #cloneOf(value: object): object {
    const clone = cloneOf(value);
    if (this.#isWire) checkWirable(clone);
    return clone;
  }
}

function copyOfView(view: ArrayBufferView): ArrayBufferView {
  if (!(view.buffer instanceof ArrayBuffer) || view instanceof DataView) return structuredClone(view);
  return Buffer.isBuffer(view) ? new Uint8Array(view) : (view as Uint8Array).slice(); // A buffer's slice would share.
}

/** @throws TypeError inside a getter of a value that is being sent: an entry written there would stand amid another. */
export function checkNotEncoding(encoder: Encoder, action: string): void {
  if (encoder.isBusy) throw new TypeError(`Cannot ${action} in a getter of a value that is being sent`);
}

export function isPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'undefined':
    case 'bigint':
      return true;
    case 'object':
      return value === null;
    default:
      return false;
  }
}

/** The values of these keys, each read once. All at once is faster than one by one, if no getter takes a key away. */
function valuesOf(record: Record<string, unknown>, keys: readonly string[]): readonly unknown[] {
  const values = Object.values(record);
  return values.length === keys.length ? values : keys.map((key) => record[key]);
}

/** One element. A hole is left to structured cloning, which keeps it. */
function elementAt(array: readonly unknown[], index: number): unknown {
  const element = array[index];
  if (element === undefined && !(index in array)) throw AS_CLONE;
  return element;
}

function isDense(array: readonly unknown[]): boolean {
  for (let i = 0; i < array.length; i++) if (array[i] === undefined && !(i in array)) return false;
  return true;
}

/** An object of a class that the user wrote: nothing the platform keeps inside it would be lost by copying its fields. */
function isUserInstance(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object Object]' && !isBoxed(value) && !isOfNode(value);
}

/** By which Node marks classes of its own, such as `BlockList`, whose objects structured cloning knows. */
const NODE_CLONES = Object.getOwnPropertySymbols(DOMException.prototype).find(
  ({ description }) => description === 'messaging_clone_symbol',
);

const isOfNode = (value: object): boolean => NODE_CLONES !== undefined && NODE_CLONES in value;

const isBoxed = (value: object): boolean =>
  value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof Promise;

function unsendableProblem(value: unknown): string {
  return typeof value === 'function'
    ? `a function${value.name ? ` ("${value.name}")` : ''} cannot be sent`
    : `a ${typeof value} cannot be sent`;
}

function problemOf(error: unknown): string {
  if (error instanceof Unsendable) return error.problem;
  return error instanceof Error ? error.message : String(error);
}

/** A structured clone that every thread can read back. */
function cloneOf(value: object): object {
  let clone: object;
  try {
    clone = structuredClone(value);
  } catch (error) {
    throw nestsDeeperThan(DEPTH_MAX, value) ? TOO_DEEP : error;
  }
  const hollow = hollowKind(value, clone);
  if (hollow !== undefined) throw new Unsendable(`${hollow} cannot be sent: nothing of it would arrive`);
  if (nestsDeeperThan(DEPTH_MAX, clone)) throw TOO_DEEP;
  return clone;
}

/** The class of the platform (`AbortSignal`, `EventTarget`, …) whose object structured cloning takes for a plain one. */
function hollowKind(value: object, clone: object): string | undefined {
  if (Object.getPrototypeOf(clone) !== Object.prototype) return undefined;
  const kind = Object.getPrototypeOf(value)?.constructor;
  const isPlatforms = typeof kind === 'function' && kind !== Object && Reflect.get(globalThis, kind.name) === kind;
  return isPlatforms ? kind.name : undefined;
}

function checkWirable(clone: unknown): void {
  const problem = problemOnWire(clone);
  if (problem !== undefined) throw new Unsendable(problem);
}

/** Looked at before anything is moved: what is moved into an error is gone. */
function checkMovable(value: unknown, list: readonly Transferable[]): void {
  for (const each of list) {
    if (!(each instanceof ArrayBuffer))
      throw new Unsendable(`${Object.prototype.toString.call(each)} cannot be moved to another process`);
  }
  checkWirable(ArrayBuffer.isView(value) ? value : structuredClone(value));
}

/** Where in `value` the part stands that cannot be sent: `.options.onDone`, `[3]`; empty when it is the value itself. */
function locate(value: unknown, own: OwnValues, isWire: boolean): string {
  let path = '';
  let at = value;
  for (let steps = 0; steps < PATH_STEPS_MAX && typeof at === 'object' && at !== null; steps++) {
    const culprit = partsOf(at, own).find(([, part]) => !canSend(part, own, isWire));
    if (culprit === undefined) break;
    path += culprit[0];
    at = culprit[1];
  }
  return path;
}

type Part = readonly [step: string, part: unknown];

/** The parts of `value` that would be sent. None of a handle or a ref, and none when looking fails, as in a proxy whose traps throw. */
function partsOf(value: object, own: OwnValues): Part[] {
  try {
    return own.encodeOwn(value) === undefined ? namedParts(value) : [];
  } catch {
    return [];
  }
}

function namedParts(value: object): Part[] {
  if (value instanceof Transferred) return [['', value.value]]; // What moves stands where it would without `transfer`.
  if (Array.isArray(value)) return Array.from(value, (part, index): Part => [`[${index}]`, part]);
  if (value instanceof Map)
    return [...value].flatMap(([key, part]): Part[] => [
      [`[key ${keyText(key)}]`, key],
      [`[${keyText(key)}]`, part],
    ]);
  if (value instanceof Set) return Array.from(value, (part, index): Part => [`[${index}]`, part]);
  return Object.keys(value).map((key): Part => [keyStep(key), readOrSelf(value, key)]);
}

function readOrSelf(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return () => {}; // A getter that throws cannot be sent: stands for the part it hides.
  }
}

function canSend(part: unknown, own: OwnValues, isWire: boolean): boolean {
  if (isPrimitive(part)) return true;
  try {
    new Encoder(new Shapes(), own).encodeProbe(part, isWire);
    return true;
  } catch {
    return false;
  }
}

/** A key of a map in words: no code of the user's runs for it. */
function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'object' && key !== null ? Object.prototype.toString.call(key) : String(key);
}

const keyStep = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
