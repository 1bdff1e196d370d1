import { ObjectRef, type RefKeeper } from './object-ref.ts';
import type { RefField } from './ref-field.ts';

/** An object of another thread, as this one holds it. */
export class BorrowedObject implements RefKeeper {
  /** By what its refs are known to be of this runtime. */
  readonly home: object;
  readonly owner: number;
  readonly object: number;
  readonly #onRequest: (borrowed: BorrowedObject) => void;
  readonly #onReleased: (borrowed: BorrowedObject) => void;
  ref!: WeakRef<ObjectRef>;
  weight = 0;
  /** Keeps the ref until the value that was asked for has come. */
  asked: ObjectRef | undefined;
  #holds = 0;
  /** Keeps the ref while encoded fields hold it. */
  #kept: ObjectRef | undefined;

  constructor(
    home: object,
    field: RefField,
    onRequest: (borrowed: BorrowedObject) => void,
    onReleased: (borrowed: BorrowedObject) => void,
  ) {
    this.home = home;
    this.owner = field.owner;
    this.object = field.object;
    this.#onRequest = onRequest;
    this.#onReleased = onReleased;
  }

  request(): void {
    this.asked = this.ref.deref();
    this.#onRequest(this);
  }

  hold(ref: ObjectRef): void {
    if (this.#holds++ === 0) this.#kept = this.ref.deref() ?? ref;
  }

  letGo(): void {
    if (--this.#holds > 0) return;
    const isReleased = this.#kept?.isReleased === true;
    this.#kept = undefined;
    if (isReleased) this.#onReleased(this);
  }

  /** Puts a new ref in the place of one that was given up. */
  revive(old: ObjectRef): ObjectRef {
    const ref = ObjectRef.again(old);
    this.ref = new WeakRef(ref);
    if (this.#holds > 0) this.#kept = ref;
    return ref;
  }

  released(): void {
    if (this.#holds === 0) this.#onReleased(this);
  }
}
