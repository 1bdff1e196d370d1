/**
 * Objects that stand for an actor and cross threads as its handle: a `Queue` passed to an actor is the same
 * queue there. A kind registers itself when its module is loaded, in every thread.
 */
export interface PassableKind {
  readonly name: string;
  /** The handle behind `value`, if it is of this kind. */
  handleOf(value: object): object | undefined;
  /** The object over a handle that has arrived. */
  from(handle: object): object;
}

const kinds = new Map<string, PassableKind>();

export function registerPassable(kind: PassableKind): void {
  kinds.set(kind.name, kind);
}

export function findPassable(value: object): { readonly name: string; readonly handle: object } | undefined {
  for (const kind of kinds.values()) {
    const handle = kind.handleOf(value);
    if (handle !== undefined) return { name: kind.name, handle };
  }
  return undefined;
}

export function revivePassable(name: string, handle: object): object {
  const kind = kinds.get(name);
  if (kind === undefined) throw new TypeError(`Cannot receive a ${name}: its module is not loaded in this thread`);
  return kind.from(handle);
}
