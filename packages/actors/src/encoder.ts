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
import { encodeThrown, nestsDeeperThan } from '@heddle/base';
import { checkMovable, checkWirable, cloneOf, copyOfView } from './clones.ts';
import { SerializationError } from './errors.ts';
import { Freight, isLong } from './freight.ts';
import { movableBuffer } from './own-copies.ts';
import type { OwnValues } from './parcel.ts';
import { isPrimitive } from './primitive.ts';
import { type Batch, Form } from './protocol.ts';
import { SeenObjects } from './seen-objects.ts';
import { Shapes } from './shapes.ts';
import type { SharedCopies } from './shared-copies.ts';
import { Transferred } from './transfer.ts';
import { DEPTH_MAX, problemOf, TOO_DEEP, Unsendable, unsendableProblem } from './unsendable.ts';
import { pathToUnsendable } from './unsendable-path.ts';
import { TAG_BITS, Tag } from './value-tags.ts';

/** So many keys have a bit each in the mask of an object. */
const MASK_BITS = 30;

/** An array at least this long whose elements are all primitives stands as one field. */
const LONG_ARRAY = 256;

/** What is being encoded for, in words: for an error. */
export interface Described {
  readonly description: string;
}

/** Thrown inside an encoding that has to begin again as one structured clone: a hole, or two views of a buffer. */
const AS_CLONE = Symbol('as one clone');

export class Encoder {
  readonly #shapes: Shapes;
  readonly #own: OwnValues;
  readonly #seen = new SeenObjects();
  /** What goes with what was encoded. */
  readonly freight = new Freight();
  #graph = false;
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
      if (isLong(value)) this.freight.weigh(value);
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

  /** Moved here and now into a clone of our own, which moves on with the batch. */
  #move({ value, list }: Transferred, out: Batch): void {
    if (this.#isWire) checkMovable(value, list);
    if (this.#isProbe) return;
    if (nestsDeeperThan(DEPTH_MAX, value)) throw TOO_DEEP;
    const moved = structuredClone({ value, list }, { transfer: list as never[] });
    this.freight.addTransfers(moved.list);
    if (ArrayBuffer.isView(moved.value) && moved.value.buffer instanceof ArrayBuffer)
      this.#seen.meet(moved.value.buffer);
    out.push(Tag.Cloned, moved.value);
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
    const parcelsBefore = this.freight.parcels;
    try {
      for (; at < values.length; at++) this.#encodeOne(values[at], out);
    } catch (error) {
      out.length = start;
      this.freight.unloadAll(parcelsBefore);
      const named = first === 'argument' ? `argument ${at + 1}` : first;
      const path = error === TOO_DEEP ? '' : this.#pathTo(values[at]);
      throw new SerializationError(task.description, path === '' ? named : `${named} ${path}`, problemOf(error));
    } finally {
      this.#seen.forget();
      this.#isBusy = false;
    }
    return this.#graph ? Form.Graph : Form.Tagged;
  }

  #pathTo(value: unknown): string {
    return pathToUnsendable(value, this.#own, (part) => canSend(part, this.#own, this.#isWire));
  }

  #encodeOne(value: unknown, out: Batch): void {
    const before = out.length;
    const graphBefore = this.#graph;
    const parcelsBefore = this.freight.parcels;
    const copiesBefore = this.freight.copies;
    this.#seen.forget();
    try {
      this.#encode(value, out, 0);
    } catch (error) {
      if (error !== AS_CLONE) throw error;
      out.length = before;
      this.#graph = graphBefore;
      this.freight.unload(copiesBefore, parcelsBefore);
      this.#shared?.takeMade(); // Those copies stand nowhere.
      out.push(Tag.Cloned, this.#cloneOf(value as object));
    }
  }

  #encode(value: unknown, out: Batch, depth: number): void {
    if (isPrimitive(value)) {
      if (isLong(value)) this.freight.weigh(value);
      out.push(Tag.Inline, value);
      return;
    }
    if (typeof value !== 'object' || value === null) throw new Unsendable(unsendableProblem(value));
    if (depth > DEPTH_MAX) throw TOO_DEEP;
    const again = this.#seen.meet(value);
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
        if (isLong(field)) this.freight.weigh(field);
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
      for (const element of value) if (isLong(element)) this.freight.weigh(element);
      this.freight.addBytes(8 * length);
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
      if (isLong(element)) this.freight.weigh(element);
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
      this.freight.addParcel(out.length - 1, own.parcel);
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
      this.freight.addBytes(value.byteLength);
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
      this.freight.addBytes(view.byteLength);
      out.push(Tag.Cloned, view.buffer instanceof SharedArrayBuffer ? view : this.#shared.copyOf(view));
      return;
    }
    if (view.buffer instanceof ArrayBuffer) {
      if (this.#seen.meet(view.buffer) !== -1) throw AS_CLONE; // Two views of one buffer stay so: leave them to structured cloning.
    }
    if (this.#isWire) checkWirable(view);
    const copy = copyOfView(view);
    out.push(Tag.Cloned, copy);
    if (view.buffer instanceof ArrayBuffer) this.#copied(copy, view);
  }

  #copied(copy: ArrayBufferView | ArrayBuffer, original: ArrayBufferView | ArrayBuffer): void {
    this.freight.addBytes(copy instanceof DataView ? copy.buffer.byteLength : copy.byteLength);
    const buffer = movableBuffer(copy, original);
    if (buffer !== undefined) this.freight.addCopy(buffer);
  }

  #cloneOf(value: object): object {
    const clone = cloneOf(value);
    if (this.#isWire) checkWirable(clone);
    return clone;
  }
}

/** @throws TypeError inside a getter of a value that is being sent: an entry written there would stand amid another. */
export function checkNotEncoding(encoder: Encoder, action: string): void {
  if (encoder.isBusy) throw new TypeError(`Cannot ${action} in a getter of a value that is being sent`);
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

/** Asked of an encoder of its own: this one has not finished. */
function canSend(part: unknown, own: OwnValues, isWire: boolean): boolean {
  if (isPrimitive(part)) return true;
  try {
    new Encoder(new Shapes(), own).encodeProbe(part, isWire);
    return true;
  } catch {
    return false;
  }
}
