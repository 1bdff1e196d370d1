/**
 * The objects of one thread that more than one ref may name: what was put here, what refs of this thread have been
 * sent elsewhere, and the refs of other threads' objects that came here.
 *
 * The owner of an object is the thread whose ref it first was. A ref that leaves it carries a weight, and so does
 * each copy that goes on from there, out of the weight that its sender had (weighted reference counting): nobody
 * tells the owner of a copy, and each thread gives its weight back when its ref is released or collected. When all
 * has come back, nobody else has the ref. A weight that can not be split any more is not: its holder lends the
 * object as if it were its own.
 *
 * Weight that was on its way to a thread that died, or there, is missing for good: then the object lives until its
 * owner ends, which is late, never early.
 */
import { type Clock, decodeThrown, type EncodedThrown, encodeThrown } from '@heddle/base';
import { BorrowedObject } from './borrowed-object.ts';
import type { OwnBuilder } from './decoder.ts';
import type { Encoder } from './encoder.ts';
import { ObjectStoreFullError, OwnerDiedError, RuntimeClosedError, SerializationError } from './errors.ts';
import { collectGarbage } from './garbage.ts';
import type { Link } from './link.ts';
import { ObjectRef } from './object-ref.ts';
import type { ObjectStore } from './object-store.ts';
import { OwnedObject } from './owned-object.ts';
import { letGoAll, type Parcel, type PlacedParcel } from './parcel.ts';
import { type Batch, Form, Kind } from './protocol.ts';
import type { RefField } from './ref-field.ts';
import { RefParcel } from './ref-parcel.ts';
import { SharedCopies } from './shared-copies.ts';
import { StoredObject } from './stored-object.ts';
import type { ReportedObject } from './task-log.ts';

export interface ObjectsParts {
  readonly threadId: number;
  readonly clock: Clock;
  readonly store: ObjectStore;
  readonly encoder: Encoder;
  readonly keyLists: readonly (readonly string[])[];
  /** Builds this thread's own values out of fields that never left it. */
  readonly own: OwnBuilder;
  linkTo(peer: number): Link | undefined;
  settle(ref: ObjectRef, isValue: boolean, value: unknown): void;
  settleStored(ref: ObjectRef, value: StoredObject): void;
  /** Told when the first value is asked for and when the last one is here. */
  onFetching(isAny: boolean): void;
  /** Told when the first object of this thread is lent to another and when the last one has come back. */
  onLent(isAny: boolean): void;
  /** Asks the other threads for a collection. */
  collectElsewhere(): void;
}

const NO_PARCELS: readonly PlacedParcel[] = [];
/** A holder passes on one part in so many of what it has. */
const SPLIT = 32;
/** What a field counts for in the store beside its text or binary data. */
const FIELD_BYTES = 8;

/** Memory of released values that is kept for the next ones, in each thread; not more than a quarter of the store either. */
const KEPT_BYTES_MAX = 2 ** 30;

/** After so many bytes were freed the threads are asked to collect them. */
const UNCOLLECTED_MAX_BYTES = 128 * 2 ** 20;

export class Objects {
  readonly #parts: ObjectsParts;
  readonly #owned = new Map<number, OwnedObject>();
  readonly #borrowed = new Map<number, Map<number, BorrowedObject>>();
  readonly #copies: SharedCopies;
  readonly #collected = new FinalizationRegistry<OwnedObject | BorrowedObject>((gone) => this.#gone(gone));
  #made = 0;
  #fetching = 0;
  /** Objects of this thread that others have refs to. */
  #lent = 0;
  /** What stood in objects that were freed, and is to be let go. */
  readonly #givenUp: PlacedParcel[] = [];
  /** Bytes that were freed and that no collection has followed. */
  #uncollected = 0;
  #isCollecting = false;

  constructor(parts: ObjectsParts) {
    this.#parts = parts;
    this.#copies = new SharedCopies({
      clock: parts.clock,
      bytesMax: Math.min(KEPT_BYTES_MAX, parts.store.limitBytes / 4),
      onLetGo: (bytes) => this.#freed(bytes),
    });
  }

  // ── Objects of this thread ─────────────────────────────────────────────────────────────────────────────

  /** Stores a copy of `value`. @throws SerializationError, ObjectStoreFullError. */
  put(value: unknown): ObjectRef {
    const { encoder, keyLists, own } = this.#parts;
    const fields: Batch = [];
    let memories: readonly SharedArrayBuffer[];
    let form: Form;
    try {
      form = encoder.encodeShared(value, fields, { description: 'put' }, this.#copies);
    } finally {
      memories = this.#copies.takeMade(); // Whatever becomes of the value, they are not kept for it.
    }
    const parcels = encoder.freight.takeParcels();
    const bytes = encoder.freight.takeBytes() + fields.length * FIELD_BYTES;
    try {
      this.#reserve(bytes);
    } catch (error) {
      letGoAll(parcels);
      throw error;
    }
    const ref = ObjectRef.stored(new StoredObject({ form, fields, parcels, own, shapes: keyLists, memories }));
    this.#own(ref, bytes, parcels);
    return ref;
  }

  /** The ref as it leaves this thread, each time it does. */
  parcelOf(ref: ObjectRef): Parcel {
    const { keeper } = ref;
    if (keeper !== undefined && (keeper as OwnedObject | BorrowedObject).home !== this)
      throw new TypeError('an ObjectRef of another runtime cannot be sent');
    if (ref.isReleased) throw new TypeError('an ObjectRef that was released cannot be sent');
    return keeper instanceof BorrowedObject ? this.#borrowedParcel(ref, keeper) : this.#ownedParcel(ref);
  }

  #ownedParcel(ref: ObjectRef): Parcel {
    const owned = ref.keeper instanceof OwnedObject ? ref.keeper : this.#own(ref, 0, NO_PARCELS);
    const field = { owner: this.#parts.threadId, object: owned.id, weight: 0 };
    return new RefParcel(ref, owned, field, () => ({ ...field, weight: owned.lend(ref) }));
  }

  #borrowedParcel(ref: ObjectRef, borrowed: BorrowedObject): Parcel {
    const { owner, object } = borrowed;
    const field = { owner, object, weight: 0 };
    const leave = () => this.#split(borrowed) ?? this.#relend(borrowed.ref.deref() ?? ref);
    return new RefParcel(ref, borrowed, field, leave);
  }

  #split(borrowed: BorrowedObject): RefField | undefined {
    const weight = Math.floor(borrowed.weight / SPLIT);
    if (weight === 0) return undefined;
    borrowed.weight -= weight;
    return { owner: borrowed.owner, object: borrowed.object, weight };
  }

  /** Lends another thread's object under a number of this thread's own: a second ref that follows the first. */
  #relend(ref: ObjectRef): RefField {
    const mine = new ObjectRef();
    ref.whenSettled(() => {
      const { failure } = ref;
      this.#parts.settle(mine, failure === undefined, failure?.error ?? ObjectRef.keptValueOf(ref));
    });
    return this.#ownedParcel(mine).leave() as RefField;
  }

  #own(ref: ObjectRef, bytes: number, parcels: readonly PlacedParcel[]): OwnedObject {
    const owned = new OwnedObject(
      this,
      ++this.#made,
      ref,
      bytes,
      parcels,
      (each) => this.#free(each),
      (isLent) => this.#countLent(isLent),
    );
    ref.keeper = owned;
    this.#owned.set(owned.id, owned);
    this.#collected.register(ref, owned, owned);
    this.#parts.store.count(1);
    return owned;
  }

  #countLent(isLent: boolean): void {
    this.#lent += isLent ? 1 : -1;
    if (isLent ? this.#lent === 1 : this.#lent === 0) this.#parts.onLent(isLent);
  }

  #free(owned: OwnedObject, why?: Error): void {
    if (!this.#owned.delete(owned.id)) return;
    this.#collected.unregister(owned);
    const ref = owned.ref.deref();
    const unseen = ref && (ObjectRef.storedOf(ref) as StoredObject | undefined)?.unseenMemories;
    if (ref !== undefined && (ref.isReleased || owned.isStored)) ObjectRef.drop(ref, why);
    this.#parts.store.free(owned.bytes);
    this.#parts.store.count(-1);
    const keptBytes = unseen === undefined ? 0 : this.#copies.keep(unseen);
    this.#freed(owned.bytes - keptBytes);
    if (owned.parcels.length > 0) this.#giveUp(owned.parcels);
  }

  /** One after another, however deep objects stand in each other. */
  #giveUp(parcels: readonly PlacedParcel[]): void {
    const isFirst = this.#givenUp.length === 0;
    for (const each of parcels) this.#givenUp.push(each);
    if (!isFirst) return;
    for (const { parcel } of this.#givenUp) parcel.letGo(); // It grows meanwhile.
    this.#givenUp.length = 0;
  }

  /** Shared memory goes when the last thread has collected it, and nothing presses threads to: so they are asked. */
  #freed(bytes: number): void {
    const limit = Math.min(UNCOLLECTED_MAX_BYTES, this.#parts.store.limitBytes / 2);
    this.#uncollected += bytes;
    if (this.#uncollected < limit || this.#isCollecting) return;
    this.#isCollecting = true;
    setImmediate(() => {
      this.#isCollecting = false;
      this.#uncollected = 0;
      collectGarbage();
      this.#parts.collectElsewhere();
    });
  }

  #reserve(bytes: number): void {
    const { store } = this.#parts;
    if (store.reserve(bytes)) return;
    this.#copies.letGo();
    this.collect();
    if (store.reserve(bytes)) return;
    this.#parts.collectElsewhere();
    throw new ObjectStoreFullError(bytes, store.bytes, store.limitBytes);
  }

  /** Collects the garbage of this thread, and frees at once what nobody here has a ref to. */
  collect(): void {
    collectGarbage();
    for (const owned of [...this.#owned.values()])
      if (owned.lent === 0 && owned.ref.deref() === undefined) this.#free(owned);
  }

  // ── Objects of other threads ───────────────────────────────────────────────────────────────────────────

  /** The ref behind a field. `isArrival`: the field has come over a link, and its weight with it. */
  refOf(field: RefField, isArrival: boolean): ObjectRef {
    if (field.owner === this.#parts.threadId) return this.#ownRef(field, isArrival);
    const borrowed = this.#borrow(field);
    const ref = borrowed.ref.deref()!;
    if (isArrival) borrowed.weight += field.weight;
    return ref.isReleased ? this.#again(borrowed, borrowed.revive(ref)) : ref;
  }

  /** A ref that comes home is the very ref that left, unless that was given up. */
  #ownRef(field: RefField, isArrival: boolean): ObjectRef {
    const owned = this.#owned.get(field.object);
    if (owned?.kept === undefined) return this.#lostRef();
    const ref = owned.isReleased ? this.#again(owned, owned.revive()) : owned.kept;
    if (isArrival) owned.returned(field.weight);
    return ref;
  }

  /** The collector tells of the new ref instead of the old one. */
  #again(kept: OwnedObject | BorrowedObject, ref: ObjectRef): ObjectRef {
    this.#collected.unregister(kept);
    this.#collected.register(ref, kept, kept);
    return ref;
  }

  /** Of an object that was freed before: of a value that outlived the runtime's own count of it. */
  #lostRef(): ObjectRef {
    const ref = new ObjectRef();
    this.#parts.settle(ref, false, lost(this.#parts.threadId));
    return ref;
  }

  /** Whether the program has given up what this field of the thread's own names. */
  isReleased(field: RefField): boolean {
    const kept =
      field.owner === this.#parts.threadId
        ? this.#owned.get(field.object)?.kept
        : this.#borrowed.get(field.owner)?.get(field.object)?.ref.deref();
    return kept?.isReleased === true;
  }

  #borrow(field: RefField): BorrowedObject {
    const ofOwner = this.#borrowed.get(field.owner) ?? new Map<number, BorrowedObject>();
    this.#borrowed.set(field.owner, ofOwner);
    const known = ofOwner.get(field.object);
    if (known?.ref.deref() !== undefined) return known;
    const borrowed = new BorrowedObject(
      this,
      field,
      (each) => this.#fetch(each),
      (each) => this.#gone(each),
    );
    const ref = ObjectRef.unasked(borrowed);
    borrowed.ref = new WeakRef(ref);
    ofOwner.set(field.object, borrowed);
    this.#collected.register(ref, borrowed, borrowed);
    return borrowed;
  }

  #fetch(borrowed: BorrowedObject): void {
    if (this.#fetching++ === 0) this.#parts.onFetching(true);
    const link = this.#parts.linkTo(borrowed.owner);
    if (link === undefined) this.#ownerDied(borrowed);
    else link.entry().push(Kind.Fetch, borrowed.object);
  }

  #ownerDied(borrowed: BorrowedObject): void {
    const ref = this.#takeAsked(borrowed) ?? borrowed.ref.deref();
    if (ref !== undefined) this.#parts.settle(ref, false, lost(borrowed.owner));
  }

  #gone(gone: OwnedObject | BorrowedObject): void {
    if (gone instanceof OwnedObject) {
      this.#free(gone);
      return;
    }
    this.#collected.unregister(gone);
    const ofOwner = this.#borrowed.get(gone.owner);
    if (ofOwner?.get(gone.object) === gone) ofOwner.delete(gone.object);
    const { weight } = gone;
    gone.weight = 0;
    if (weight > 0) this.#parts.linkTo(gone.owner)?.entry().push(Kind.GiveBack, gone.object, weight);
  }

  // ── What arrives ───────────────────────────────────────────────────────────────────────────────────────

  /** Another thread wants the value of an object of this one. */
  fetched(link: Link, object: number): void {
    const ref = this.#owned.get(object)?.kept;
    if (ref === undefined) link.entry().push(Kind.ObjectFailed, object, encodeThrown(lost(this.#parts.threadId)));
    else if (ref.isSettled) this.#answer(link, object, ref);
    else {
      const answer = () => {
        if (link.isOpen) this.#answer(link, object, ref);
      };
      ref.whenSettled(answer);
    }
  }

  #answer(link: Link, object: number, ref: ObjectRef): void {
    const out = link.entry();
    if (ref.failure !== undefined) {
      out.push(Kind.ObjectFailed, object, encodeThrown(ref.failure.error));
      return;
    }
    const stored = ObjectRef.storedOf(ref) as StoredObject | undefined;
    const problem = link.isWire ? stored?.problemOnWire : undefined;
    if (problem !== undefined) {
      const error = new SerializationError('an object', 'the value', problem);
      out.push(Kind.ObjectFailed, object, encodeThrown(error));
      return;
    }
    if (stored !== undefined) {
      out.push(Kind.Object, object, stored.form, true);
      stored.writeTo(out);
      return;
    }
    this.#answerValue(link, object, ObjectRef.keptValueOf(ref));
  }

  #answerValue(link: Link, object: number, value: unknown): void {
    const { encoder } = this.#parts;
    const out = link.entry();
    const start = out.length;
    out.push(Kind.Object, object, Form.Plain, false);
    try {
      out[start + 2] = encoder.encodeAll([value], out, { description: 'an object' }, 'the value', link.isWire);
      encoder.freight.sendParcels(out);
      link.addBytes(encoder.freight.takeBytes());
      link.addTransfers(encoder.freight.takeTransfers(true));
    } catch (error) {
      out.length = start;
      out.push(Kind.ObjectFailed, object, encodeThrown(error));
    }
  }

  /** The value of another thread's object has come. Returns where the next entry stands. */
  arrived(link: Link, batch: Batch, at: number): number {
    const [, object, form, isStored] = batch.slice(at, at + 4) as [Kind, number, Form, boolean];
    const { decoder } = link;
    decoder.batch = batch;
    decoder.at = at + 4;
    const value = decoder.decodeOne(form);
    const end = decoder.at;
    const ref = this.#askedRef(link, object);
    if (ref === undefined) return end;
    if (!isStored) this.#parts.settle(ref, true, value);
    else {
      const fields = batch.slice(at + 4, end);
      const { own } = this.#parts;
      const parts = { form, fields, own, shapes: decoder.shapes, parcels: [], pinned: value };
      this.#parts.settleStored(ref, new StoredObject(parts));
    }
    return end;
  }

  failed(link: Link, object: number, error: EncodedThrown): void {
    const ref = this.#askedRef(link, object);
    if (ref !== undefined) this.#parts.settle(ref, false, decodeThrown(error));
  }

  givenBack(object: number, weight: number): void {
    this.#owned.get(object)?.returned(weight);
  }

  /** Nothing more comes from that thread: its objects that are not here are lost. */
  linkClosed(peer: number): void {
    for (const borrowed of this.#borrowed.get(peer)?.values() ?? []) this.#ownerDied(borrowed);
    this.#borrowed.delete(peer);
  }

  /** What this thread keeps, for the state API. */
  list(): ReportedObject[] {
    return [...this.#owned.values()].map(({ id, bytes, isStored, lent }) => ({
      object: id,
      bytes,
      isStored,
      isLent: lent > 0,
    }));
  }

  /** Gives up all that this thread keeps: the runtime is over. */
  close(): void {
    const over = new RuntimeClosedError('Cannot get the value of a ref: the runtime was shut down');
    for (const owned of [...this.#owned.values()]) this.#free(owned, over);
    this.#copies.letGo();
  }

  #askedRef(link: Link, object: number): ObjectRef | undefined {
    const borrowed = this.#borrowed.get(link.peer)?.get(object);
    return borrowed && this.#takeAsked(borrowed);
  }

  #takeAsked(borrowed: BorrowedObject): ObjectRef | undefined {
    const ref = borrowed.asked;
    borrowed.asked = undefined;
    if (ref !== undefined && --this.#fetching === 0) this.#parts.onFetching(false);
    return ref;
  }
}

const lost = (owner: number): OwnerDiedError =>
  new OwnerDiedError(`thread ${owner}`, undefined, 'get the value of a ref');
