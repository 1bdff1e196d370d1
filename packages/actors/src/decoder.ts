/**
 * Turns fields of a batch back into values: the other half of `Encoder`.
 *
 * Every value comes out new: nothing decoded is shared with the sender or with another value. `at` is where the
 * next field stands; a caller sets `batch` and `at`, and reads on from `at` afterwards.
 */
import { decodeThrown, type EncodedThrown } from '@heddle/base';
import { noteMoved } from './garbage.ts';
import { type Batch, Form } from './protocol.ts';
import { TAG_BITS, Tag } from './value-tags.ts';

/** What builds the runtime's own values. */
export interface OwnBuilder {
  decodeOwn(tag: number, field: unknown): object;
}

/** Builds what nobody but the runtime sees: it is given up when it has been encoded once more. */
export interface AsideBuilder extends OwnBuilder, Disposable {}

/** For fields that never left this thread. */
export interface LocalBuilder extends OwnBuilder {
  aside(): AsideBuilder;
}

const TAG_MASK = (1 << TAG_BITS) - 1;

export class Decoder {
  batch: Batch = [];
  at = 0;
  /** The sender's shapes by number, as its link has told them. */
  readonly shapes: (readonly string[])[];
  readonly #own: OwnBuilder;
  readonly #isForKeeps: boolean;
  /** In a graph: the objects of this argument in the order they were met, for `Tag.Again`. */
  #met: unknown[] | undefined;

  /** `isForKeeps`: the fields are read more than once, so what stands in them as an object is copied. */
  constructor(shapes: (readonly string[])[], own: OwnBuilder, isForKeeps = false) {
    this.shapes = shapes;
    this.#own = own;
    this.#isForKeeps = isForKeeps;
  }

  decodeAll(count: number, form: Form): unknown[] {
    const values = new Array<unknown>(count);
    for (let i = 0; i < count; i++) values[i] = this.decodeOne(form);
    return values;
  }

  decodeOne(form: Form): unknown {
    if (form === Form.Plain) return this.batch[this.at++];
    this.#met = form === Form.Graph ? [] : undefined;
    const value = this.#decode();
    this.#met = undefined;
    return value;
  }

  #decode(): unknown {
    const { batch } = this;
    const field = batch[this.at++] as number;
    const number = field >>> TAG_BITS;
    switch (field & TAG_MASK) {
      case Tag.Inline:
        return batch[this.at++];
      case Tag.MaskedObject:
        return this.#maskedObject(this.shapes[number]!, batch[this.at++] as number);
      case Tag.Object:
        return this.#object(this.shapes[number]!);
      case Tag.Keyed: {
        const keys = batch.slice(this.at, this.at + number) as string[];
        this.at += number;
        return this.#object(keys);
      }
      case Tag.FlatArray: {
        const array = batch.slice(this.at, this.at + number);
        this.at += number;
        this.#met?.push(array);
        return array;
      }
      case Tag.Array: {
        const array: unknown[] = [];
        this.#met?.push(array);
        for (let i = 0; i < number; i++) array.push(this.#decode());
        return array;
      }
      case Tag.Map:
        return this.#map(number);
      case Tag.Set:
        return this.#set(number);
      case Tag.Cloned:
        return this.#cloned(batch[this.at++]);
      case Tag.Error:
        return this.#keep(decodeThrown(batch[this.at++] as EncodedThrown));
      case Tag.Again:
        return this.#met![number];
      default:
        return this.#keep(this.#own.decodeOwn(field & TAG_MASK, batch[this.at++]));
    }
  }

  #keep<T>(value: T): T {
    this.#met?.push(value);
    return value;
  }

  #cloned(field: unknown): unknown {
    const value = this.#isForKeeps && !isSharedView(field) ? structuredClone(field) : field;
    noteMoved(value);
    this.#met?.push(value);
    if (this.#met !== undefined && ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer)
      this.#met.push(value.buffer); // The encoder gave the buffer an index of its own.
    return value;
  }

  #maskedObject(keys: readonly string[], mask: number): object {
    const { batch } = this;
    const object: Record<string, unknown> = {};
    this.#met?.push(object);
    for (let i = 0; i < keys.length; i++)
      put(object, keys[i]!, (mask & (1 << i)) === 0 ? batch[this.at++] : this.#decode());
    return object;
  }

  #object(keys: readonly string[]): object {
    const object: Record<string, unknown> = {};
    this.#met?.push(object);
    for (let i = 0; i < keys.length; i++) put(object, keys[i]!, this.#decode());
    return object;
  }

  #map(size: number): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    this.#met?.push(map);
    for (let i = 0; i < size; i++) {
      const key = this.#decode();
      map.set(key, this.#decode());
    }
    return map;
  }

  #set(size: number): Set<unknown> {
    const set = new Set<unknown>();
    this.#met?.push(set);
    for (let i = 0; i < size; i++) set.add(this.#decode());
    return set;
  }
}

const isSharedView = (value: unknown): boolean =>
  value instanceof SharedArrayBuffer || (ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer);

/** Assignment to `__proto__` would set the prototype instead of making a property. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}
