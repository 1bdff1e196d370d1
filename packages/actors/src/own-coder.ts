/**
 * The runtime's own values inside others: handles, refs, and what stands over a handle (`passable.ts`), as the fields
 * they cross or are stored as, and back.
 *
 * A handle or a ref lives as long as the fields it stands in (`Parcel`), also when the program has released its own, and
 * each of its copies that leaves is counted when it leaves. What is read back from fields that never left this thread
 * has not arrived, and is not counted.
 */
import { type AnyHandle, countsAsHolder, targetOf } from './actor-handle.ts';
import type { ActorIdentity, ActorRoute } from './actor-route.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { AsideBuilder, LocalBuilder, OwnBuilder } from './decoder.ts';
import type { Definitions } from './definitions.ts';
import type { EncodedArgs } from './encoded-args.ts';
import { type KnownActors, OF_ANOTHER_RUNTIME } from './known-actors.ts';
import type { Link } from './link.ts';
import { ObjectRef } from './object-ref.ts';
import { ObjectRefGenerator } from './object-ref-generator.ts';
import type { Objects } from './objects.ts';
import type { EncodedOwn, OwnValues, Parcel } from './parcel.ts';
import { findPassable, revivePassable } from './passable.ts';
import type { ActorKey } from './protocol.ts';
import type { RefField } from './ref-field.ts';
import { markOf, RefMark } from './stored-marks.ts';
import { Tag } from './value-tags.ts';

interface HandleField {
  readonly identity: ActorIdentity;
  readonly classNumber: number;
  readonly counts: boolean;
  /** What stands over the handle, if anything. */
  readonly passable?: string;
}

interface StoredHandle {
  readonly identity: ActorIdentity;
  readonly declaration: ClassDeclaration;
  readonly passable: string | undefined;
}

export class OwnCoder implements OwnValues {
  readonly local: LocalBuilder = {
    decodeOwn: (tag, field) => this.#localFrom(tag, field),
    aside: () => this.#aside(),
  };
  readonly #definitions: Definitions;
  #actors!: KnownActors;
  #objects!: Objects;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** The second half of making: actors and objects are kept with what this one takes part in. */
  connect(actors: KnownActors, objects: Objects): void {
    this.#actors = actors;
    this.#objects = objects;
  }

  encodeOwn(value: object): EncodedOwn | undefined {
    const target = targetOf(value);
    if (target !== undefined) return this.#encodeHandle(target as ActorRoute, value as AnyHandle);
    const passable = findPassable(value);
    if (passable !== undefined) {
      const behind = targetOf(passable.handle) as ActorRoute;
      return this.#encodeHandle(behind, passable.handle as AnyHandle, passable.name);
    }
    if (value instanceof ObjectRefGenerator) throw new TypeError('a generator of refs cannot be passed on');
    return value instanceof ObjectRef ? { tag: Tag.Ref, parcel: this.#objects.parcelOf(value) } : undefined;
  }

  /** For fields that arrive over `link`. */
  from(link: Link): OwnBuilder {
    return {
      decodeOwn: (tag, field) =>
        tag === Tag.Ref
          ? this.#objects.refOf(field as RefField, true)
          : this.#handleFrom(field as HandleField, link.peerClasses, true),
    };
  }

  /** The arguments as `storeArgs` takes them: with marks in the places of handles and refs. */
  argsToStore(args: EncodedArgs): unknown[] {
    return args.values({
      decodeOwn: (tag, field) => {
        if (tag === Tag.Ref) return new RefMark();
        const { identity, classNumber, passable } = field as HandleField;
        const declaration = this.#definitions.classes[classNumber]!;
        return markOf({ identity, declaration, passable } satisfies StoredHandle);
      },
    });
  }

  /** The handle of which `argsToStore` made a mark in an earlier runtime. `keyOf`: what leads to the actor in this one. */
  storedHandle(content: unknown, keyOf: (actorId: string) => ActorKey): object {
    const { identity, declaration, passable } = content as StoredHandle;
    const handle = this.#actors.handleOf({ ...identity, actor: keyOf(identity.actorId) }, declaration, false);
    return passable === undefined ? handle : revivePassable(passable, handle);
  }

  #localFrom(tag: number, field: unknown): object {
    return tag === Tag.Ref
      ? this.#objects.refOf(field as RefField, false)
      : this.#handleFrom(field as HandleField, this.#definitions.classes, false);
  }

  #aside(): AsideBuilder {
    const made: Disposable[] = [];
    return {
      decodeOwn: (tag, field) => {
        const isTheirs = tag === Tag.Ref && !this.#objects.isReleased(field as RefField);
        const own = this.#localFrom(tag, field);
        if (!isTheirs) made.push((tag === Tag.Ref ? own : (findPassable(own)?.handle ?? own)) as Disposable);
        return own;
      },
      [Symbol.dispose]: () => {
        for (const each of made) each[Symbol.dispose]();
      },
    };
  }

  #encodeHandle(route: ActorRoute, handle: AnyHandle, passable?: string): EncodedOwn {
    if (!this.#actors.isOurs(route)) throw new TypeError(`a handle cannot be sent: ${OF_ANOTHER_RUNTIME}`);
    const field: HandleField = {
      identity: route.identity,
      classNumber: this.#definitions.numberOf(route.declaration),
      counts: countsAsHolder(handle),
      ...(passable !== undefined && { passable }),
    };
    return { tag: Tag.Handle, parcel: handleParcel(field, handle, route) };
  }

  #handleFrom(field: HandleField, classes: readonly ClassDeclaration[], isArrival: boolean): object {
    const handle = this.#actors.handleOf(field.identity, classes[field.classNumber]!, field.counts);
    if (field.counts && isArrival) this.#actors.arrived(field.identity.actor);
    return field.passable === undefined ? handle : revivePassable(field.passable, handle);
  }
}

function handleParcel(
  field: HandleField,
  handle: AnyHandle,
  route: ActorRoute,
): Parcel & { readonly handle: AnyHandle } {
  return {
    field,
    handle,
    hold: () => {
      if (field.counts) route.handles = route.handles.made();
    },
    letGo: () => {
      if (field.counts) route.dropped();
    },
    leave: () => {
      if (field.counts) route.handles = route.handles.sent();
      return field;
    },
  };
}
