/**
 * Shapes: the key lists of plain objects, numbered, so that a key crosses a link once and not with every value.
 *
 * Numbers are given by the sending thread and mean the same on all its links; a link tells its peer about each
 * number before the first value that uses it. At most `SHAPES_MAX` are kept: the shape of an object beyond
 * that, or with more than `KEYS_MAX` keys, travels beside the value instead (`Tag.Keyed`).
 */
export const SHAPES_MAX = 4096;
export const KEYS_MAX = 128;

interface ShapeNode {
  shape: number;
  next: Map<string, ShapeNode> | undefined;
}

export class Shapes {
  readonly #root: ShapeNode = { shape: -1, next: undefined };
  /** All shapes by number. */
  readonly keyLists: (readonly string[])[] = [];
  #nodes = 0;
  /** By the number of keys and how the first begins: which shape it was when one was last asked for. Mostly it is the same again. */
  readonly #latest: number[] = new Array<number>(64).fill(-1);

  /** The number of this key list, or -1 when no further shape is kept. */
  numberOf(keys: readonly string[]): number {
    const begin = keys.length === 0 ? 0 : 7 * keys.length + keys[0]!.charCodeAt(0);
    const place = (begin | 0) % this.#latest.length; // An empty key begins with nothing: NaN.
    const latest = this.#latest[place]!;
    if (latest !== -1 && isSame(this.keyLists[latest]!, keys)) return latest;
    const shape = this.#find(keys);
    this.#latest[place] = shape;
    return shape;
  }

  #find(keys: readonly string[]): number {
    let node = this.#root;
    for (let i = 0; i < keys.length; i++) {
      const next = node.next?.get(keys[i]!);
      if (next === undefined) return this.#add(keys);
      node = next;
    }
    return node.shape === -1 ? this.#add(keys) : node.shape;
  }

  #add(keys: readonly string[]): number {
    if (this.keyLists.length >= SHAPES_MAX || keys.length > KEYS_MAX || this.#nodes > SHAPES_MAX * 8) return -1;
    let node = this.#root;
    for (const key of keys) {
      node.next ??= new Map();
      let next = node.next.get(key);
      if (next === undefined) {
        next = { shape: -1, next: undefined };
        node.next.set(key, next);
        this.#nodes++;
      }
      node = next;
    }
    node.shape = this.keyLists.length;
    this.keyLists.push([...keys]);
    return node.shape;
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
