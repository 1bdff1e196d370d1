/**
 * The accounts of the object store, in shared memory: how many bytes and objects all threads of the runtime keep.
 *
 * Each thread adds to the total and to a tally of its own, so that the driver can take a dead thread's share back.
 * The objects themselves are wherever their owners keep them.
 */
const BYTES = 0;
const OBJECTS = 1;
const LIMIT = 2;
const WORDS = 3;

/** What a worker is given to keep accounts in. */
export interface StoreMemory {
  readonly total: SharedArrayBuffer;
  readonly tally: SharedArrayBuffer;
}

const newWords = (): SharedArrayBuffer => new SharedArrayBuffer(WORDS * BigInt64Array.BYTES_PER_ELEMENT);

export class ObjectStore {
  readonly memory: StoreMemory;
  readonly #total: BigInt64Array;
  readonly #tally: BigInt64Array;

  constructor(memory: StoreMemory) {
    this.memory = memory;
    this.#total = new BigInt64Array(memory.total);
    this.#tally = new BigInt64Array(memory.tally);
  }

  /** The driver's own accounts, which begin the runtime's. */
  static open(limitBytes: number): ObjectStore {
    const store = new ObjectStore({ total: newWords(), tally: newWords() });
    store.#total[LIMIT] = BigInt(limitBytes);
    return store;
  }

  /** The accounts of a thread that keeps its tally itself. */
  static joining(total: SharedArrayBuffer): ObjectStore {
    return new ObjectStore({ total, tally: newWords() });
  }

  /** Accounts for one more thread. */
  forThread(): ObjectStore {
    return ObjectStore.joining(this.memory.total);
  }

  /** Bytes that all threads keep. */
  get bytes(): number {
    return Number(Atomics.load(this.#total, BYTES));
  }

  /** Objects that all threads keep. */
  get objects(): number {
    return Number(Atomics.load(this.#total, OBJECTS));
  }

  get limitBytes(): number {
    return Number(this.#total[LIMIT]);
  }

  /** Takes room for so many bytes. False: there is not so much left; nothing was taken. */
  reserve(bytes: number): boolean {
    const before = Number(Atomics.add(this.#total, BYTES, BigInt(bytes)));
    if (before + bytes > this.limitBytes) {
      Atomics.sub(this.#total, BYTES, BigInt(bytes));
      return false;
    }
    Atomics.add(this.#tally, BYTES, BigInt(bytes));
    return true;
  }

  free(bytes: number): void {
    this.#add(BYTES, -bytes);
  }

  /** One object more, or one less with -1. */
  count(objects: number): void {
    this.#add(OBJECTS, objects);
  }

  /** The thread that kept this tally is over: what it kept is gone. */
  close(): void {
    for (const word of [BYTES, OBJECTS]) Atomics.sub(this.#total, word, Atomics.exchange(this.#tally, word, 0n));
  }

  #add(word: number, count: number): void {
    Atomics.add(this.#total, word, BigInt(count));
    Atomics.add(this.#tally, word, BigInt(count));
  }
}
