import { customRandom } from 'nanoid';
import { randomBytes } from './random-bytes.ts';

/** Letters and digits without look-alikes (no 0/O, 1/I/l), so that an id can be read out and typed in. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz';
const RANDOM_LENGTH = 16;

/** What an id names. The kind is the id's prefix. */
export type IdKind =
  | 'actor'
  | 'task'
  | 'obj'
  | 'worker'
  | 'raysubmit'
  | 'attempt'
  | 'runtime'
  | 'daemon'
  | 'mark'
  | 'upload';

export type Id<Kind extends IdKind> = string & { readonly __kind?: Kind };

/** Where ids come from, handed in so that tests can count instead of drawing lots. */
export interface IdSource {
  /** A new id of this kind, never given before. */
  next<Kind extends IdKind>(kind: Kind): Id<Kind>;
}

/** Random ids: 16 characters of 55, about 92 bits. */
export class RandomIds implements IdSource {
  readonly #draw = customRandom(ALPHABET, RANDOM_LENGTH, randomBytes);

  next<Kind extends IdKind>(kind: Kind): Id<Kind> {
    return `${kind}_${this.#draw()}`;
  }
}

/** Counting ids, one sequence per kind: `job_1`, `job_2`. For tests. */
export class CountingIds implements IdSource {
  readonly #counts = new Map<IdKind, number>();

  next<Kind extends IdKind>(kind: Kind): Id<Kind> {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return `${kind}_${count}`;
  }
}

export const randomIds: IdSource = new RandomIds();
