import { ObjectRef, type RefKeeper } from './object-ref.ts';
import type { PlacedParcel } from './parcel.ts';

/** What an owner gives with one ref. 2^23 of them can be counted exactly. */
const FULL_WEIGHT = 2 ** 30;
/** An object of this thread that was put, or that other threads have refs to. */
export class OwnedObject implements RefKeeper {
  /** By what its refs are known to be of this runtime. */
  readonly home: object;
  readonly id: number;
  readonly bytes: number;
  /** The handles and refs inside it, if it was put. */
  readonly parcels: readonly PlacedParcel[];
  ref: WeakRef<ObjectRef>;
  readonly #onReleased: (owned: OwnedObject) => void;
  readonly #onLent: (isLent: boolean) => void;
  /** The weight that is out. */
  lent = 0;
  /** By how many encoded fields it is held. */
  #holds = 0;
  /** Keeps the ref while weight is out or it is held. */
  #kept: ObjectRef | undefined;

  constructor(
    home: object,
    id: number,
    ref: ObjectRef,
    bytes: number,
    parcels: readonly PlacedParcel[],
    onReleased: (owned: OwnedObject) => void,
    onLent: (isLent: boolean) => void,
  ) {
    this.#onLent = onLent;
    this.home = home;
    this.id = id;
    this.bytes = bytes;
    this.parcels = parcels;
    this.ref = new WeakRef(ref);
    this.#onReleased = onReleased;
  }

  /** `ref`: as it was encoded, which may be given up since. */
  lend(ref: ObjectRef): number {
    if (this.lent === 0) this.#onLent(true);
    this.#keep(ref);
    this.lent += FULL_WEIGHT;
    return FULL_WEIGHT;
  }

  returned(weight: number): void {
    this.lent -= weight;
    if (this.lent > 0) return;
    this.#onLent(false);
    this.#settle();
  }

  /** Encoded fields with it are kept here. */
  hold(ref: ObjectRef): void {
    this.#keep(ref);
    this.#holds++;
  }

  letGo(): void {
    this.#holds--;
    this.#settle();
  }

  get kept(): ObjectRef | undefined {
    return this.#kept ?? this.ref.deref();
  }

  /** It was put. */
  get isStored(): boolean {
    return this.bytes > 0;
  }

  /** Whether its program has given it up. */
  get isReleased(): boolean {
    return this.kept?.isReleased === true;
  }

  /** Puts a new ref in the place of one that was given up: it is wanted again. */
  revive(): ObjectRef {
    const ref = ObjectRef.again(this.kept!);
    this.ref = new WeakRef(ref);
    if (this.#isInUse) this.#kept = ref;
    return ref;
  }

  request(): void {}

  released(): void {
    this.#settle();
  }

  get #isInUse(): boolean {
    return this.lent > 0 || this.#holds > 0;
  }

  #keep(ref: ObjectRef): void {
    if (!this.#isInUse) this.#kept = this.ref.deref() ?? ref;
  }

  #settle(): void {
    if (this.#isInUse) return;
    const { isReleased } = this;
    this.#kept = undefined;
    if (isReleased) this.#onReleased(this);
  }
}
