/**
 * A ring in shared memory by which one thread hands batches to another, in order: no message, no serialiser, no
 * system call. One side writes it, the other reads it.
 *
 * A batch whose fields are all numbers, booleans, null, undefined or short strings stands in the ring itself. For any
 * other there stands a mark: its fields come by the port, and the mark says when it is their turn. A batch is there
 * for the reader all at once, when the place behind it is published: a writer that is terminated in the midst of
 * writing has written nothing.
 *
 * Places count slots of eight bytes, modulo 2^32; the number of slots is a power of two.
 */
import type { Batch } from './protocol.ts';

export const RING_SLOTS = 16_384;
export const RING_BYTES = RING_SLOTS * Float64Array.BYTES_PER_ELEMENT;

const MASK = RING_SLOTS - 1;
/** Longer strings cost less through the port's serialiser. */
const SHORT_STRING = 16;
/** A short string and the slot that says so. */
const FIELD_SLOTS_MAX = 1 + SHORT_STRING / 8;
/** The head of a batch. */
const HEAD_SLOTS = 1;
/** Kept free for marks: of the batches there is credit for, and one of a thread that sends all it has at its exit. */
const RESERVED = 64;

/** What the upper half of a slot says of the lower half, which is the value, or the length of a string. */
const Field = { Integer: 0, Double: 1, Undefined: 2, Null: 3, False: 4, True: 5, String: 6 } as const;

/** Two words that both sides see, by their indices: how far it is written, and how far it is read. */
export interface RingPlaces {
  readonly words: Int32Array;
  readonly written: number;
  readonly read: number;
}

/** What became of a batch that was to be written. */
export const Outcome = { Written: 0, NoRoom: 1, Unfit: 2 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export class RingWriter {
  readonly #halves: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #places: RingPlaces;
  #written = 0;
  /** Where the batch ends that was put last. */
  #end = 0;
  /** How far it was read when last looked at. */
  #read = 0;

  constructor(buffer: SharedArrayBuffer, offset: number, places: RingPlaces) {
    this.#halves = new Int32Array(buffer, offset, 2 * RING_SLOTS);
    this.#doubles = new Float64Array(buffer, offset, RING_SLOTS);
    this.#bytes = new Uint8Array(buffer, offset, RING_BYTES);
    this.#places = places;
  }

  /** Hands the batch over. NoRoom: not before more was read. Unfit: by the port only. */
  write(batch: Batch): Outcome {
    const outcome = this.#put(batch);
    if (outcome === Outcome.Written) this.#publish(batch.length, this.#end);
    return outcome;
  }

  /** Says that it is the turn of the next `batches` that come by the port. */
  mark(batches: number): void {
    this.#publish(-batches, (this.#written + HEAD_SLOTS) | 0);
  }

  /** Slots that may be written, by what was known to be read when last looked at. */
  get #room(): number {
    return RING_SLOTS - RESERVED - ((this.#written - this.#read) | 0);
  }

  #publish(head: number, end: number): void {
    this.#halves[2 * (this.#written & MASK)] = head;
    this.#written = end;
    Atomics.store(this.#places.words, this.#places.written, end);
  }

  #put(batch: Batch): Outcome {
    const halves = this.#halves;
    const start = this.#written;
    let room = this.#room;
    let used = HEAD_SLOTS;
    for (let i = 0; i < batch.length; i++) {
      if (used + FIELD_SLOTS_MAX > room) {
        this.#read = Atomics.load(this.#places.words, this.#places.read);
        room = this.#room;
        if (used + FIELD_SLOTS_MAX > room) return this.#read === start ? Outcome.Unfit : Outcome.NoRoom;
      }
      const field = batch[i];
      const at = 2 * ((start + used++) & MASK);
      if (typeof field === 'number') {
        if ((field | 0) === field && !Object.is(field, -0)) {
          halves[at] = field;
          halves[at + 1] = Field.Integer;
        } else {
          halves[at + 1] = Field.Double;
          this.#doubles[(start + used++) & MASK] = field;
        }
      } else if (typeof field === 'string') {
        if (field.length > SHORT_STRING || !this.#putText(field, start + used)) return Outcome.Unfit;
        halves[at] = field.length;
        halves[at + 1] = Field.String;
        used += slotsOf(field.length);
      } else {
        const constant = constantOf(field);
        if (constant === -1) return Outcome.Unfit;
        halves[at + 1] = constant;
      }
    }
    this.#end = (start + used) | 0;
    return Outcome.Written;
  }

  /** A byte for each character. False: a character needs more. */
  #putText(text: string, place: number): boolean {
    const bytes = this.#bytes;
    const at = 8 * (place & MASK);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0xff) return false;
      bytes[(at + i) & BYTE_MASK] = code;
    }
    return true;
  }
}

/** What `RingReader.take` gives for a batch whose fields come by the port. */
export const BY_PORT = Symbol('by port');

export class RingReader {
  readonly #halves: Int32Array;
  readonly #doubles: Float64Array;
  readonly #texts: Texts;
  readonly #places: RingPlaces;
  #read = 0;
  /** So many batches that come by the port have their turn now. */
  #byPort = 0;

  constructor(buffer: SharedArrayBuffer, offset: number, places: RingPlaces) {
    this.#halves = new Int32Array(buffer, offset, 2 * RING_SLOTS);
    this.#doubles = new Float64Array(buffer, offset, RING_SLOTS);
    this.#texts = new Texts(new Uint8Array(buffer, offset, RING_BYTES));
    this.#places = places;
  }

  /** A batch that comes by the port has its turn. */
  get isForPort(): boolean {
    return this.#byPort > 0;
  }

  get isEmpty(): boolean {
    return this.#byPort === 0 && Atomics.load(this.#places.words, this.#places.written) === this.#read;
  }

  /** The next batch of a ring that is not empty, or `BY_PORT`, again and again until `tookFromPort`. */
  take(): Batch | typeof BY_PORT {
    if (this.#byPort > 0) return BY_PORT;
    const head = this.#halves[2 * (this.#read & MASK)]!;
    const start = (this.#read + HEAD_SLOTS) | 0;
    if (head < 0) {
      this.#byPort = -head;
      this.#giveBack(start);
      return BY_PORT;
    }
    const batch: Batch = new Array<unknown>(head);
    this.#giveBack(this.#get(head, start, batch));
    return batch;
  }

  /** The batch that had its turn has come by the port. */
  tookFromPort(): void {
    this.#byPort--;
  }

  #giveBack(end: number): void {
    this.#read = end;
    Atomics.store(this.#places.words, this.#places.read, end);
  }

  #get(count: number, start: number, batch: Batch): number {
    const halves = this.#halves;
    let place = start;
    for (let i = 0; i < count; i++) {
      const at = 2 * (place++ & MASK);
      const value = halves[at]!;
      switch (halves[at + 1]) {
        case Field.Integer:
          batch[i] = value;
          break;
        case Field.Double:
          batch[i] = this.#doubles[place++ & MASK]!;
          break;
        case Field.String:
          batch[i] = this.#texts.get(8 * (place & MASK), value);
          place += slotsOf(value);
          break;
        default:
          batch[i] = CONSTANTS[halves[at + 1]!];
      }
    }
    return place | 0;
  }
}

/** Reads short texts, most of which come again and again: those of late are kept instead of made anew. */
class Texts {
  readonly #bytes: Uint8Array;
  readonly #known: string[] = new Array<string>(TEXTS).fill('');
  readonly #codes: number[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get(at: number, length: number): string {
    let hash = length;
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + this.#bytes[(at + i) & BYTE_MASK]!) | 0;
    const place = (hash ^ (hash >>> 8)) & (TEXTS - 1);
    const known = this.#known[place]!;
    if (this.#isAt(at, length, known)) return known;
    return (this.#known[place] = this.#make(at, length));
  }

  #isAt(at: number, length: number, text: string): boolean {
    if (text.length !== length) return false;
    for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== this.#bytes[(at + i) & BYTE_MASK]) return false;
    return true;
  }

  #make(at: number, length: number): string {
    this.#codes.length = 0;
    for (let i = 0; i < length; i++) this.#codes.push(this.#bytes[(at + i) & BYTE_MASK]!);
    return String.fromCharCode(...this.#codes);
  }
}

const TEXTS = 256;
const CONSTANTS: readonly unknown[] = [undefined, undefined, undefined, null, false, true];
const BYTE_MASK = RING_BYTES - 1;
const slotsOf = (characters: number): number => (characters + 7) >>> 3;

function constantOf(field: unknown): number {
  if (field === undefined) return Field.Undefined;
  if (field === null) return Field.Null;
  if (field === false) return Field.False;
  return field === true ? Field.True : -1;
}
