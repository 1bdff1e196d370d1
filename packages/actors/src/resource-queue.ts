/**
 * Those who wait for resources, in line by what they need: one line for each shape, first come, first served. A
 * shape that fits passes one that does not; what can never fit waits until it is withdrawn, and holds nobody back.
 */
import { ResourceLedger, type Resources } from './resource-ledger.ts';
import { shapeKey } from './task-options.ts';

/** One who waits. */
export interface ResourceWish {
  readonly shape: Resources;
  /** The resources are taken, and the wish is over. */
  granted(): void;
}

export class ResourceQueue {
  readonly #ledger: ResourceLedger;
  readonly #lines = new Map<string, ResourceWish[]>();
  /** What was taken though it was not there: by those who had lent their part and need it back. */
  #owed: Resources[] = [];
  #isGranting = false;

  constructor(total: Resources) {
    this.#ledger = new ResourceLedger(total);
  }

  get total(): Resources {
    return this.#ledger.total;
  }

  get available(): Resources {
    return this.#ledger.available;
  }

  canEverFit(shape: Resources): boolean {
    return this.#ledger.canEverFit(shape);
  }

  /** Puts a wish in line; it may be granted before this returns. */
  wait(wish: ResourceWish): void {
    const key = shapeKey(wish.shape);
    const line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, [wish]);
    else line.push(wish);
    this.#grant();
  }

  withdraw(wish: ResourceWish): void {
    const key = shapeKey(wish.shape);
    const line = this.#lines.get(key) ?? [];
    const at = line.indexOf(wish);
    if (at !== -1) line.splice(at, 1);
    if (line.length === 0) this.#lines.delete(key);
  }

  giveBack(shape: Resources): void {
    this.#ledger.giveBack(shape);
    this.#owed = this.#owed.filter((owed) => !this.#ledger.take(owed));
    this.#grant();
  }

  /** Takes back what was lent, whether it is there or not: it is then owed, and the first to be taken. */
  takeAgain(shape: Resources): void {
    if (!this.#ledger.take(shape)) this.#owed.push(shape);
  }

  /** Gives up what `takeAgain` took: what is still owed was never taken. */
  giveBackAgain(shape: Resources): void {
    const owed = this.#owed.indexOf(shape);
    if (owed !== -1) this.#owed.splice(owed, 1);
    else this.giveBack(shape);
  }

  /** The first wish of each line that could be granted if others gave theirs back. */
  get waiting(): ResourceWish[] {
    return [...this.#lines.values()].map((line) => line[0]!).filter((wish) => this.canEverFit(wish.shape));
  }

  #grant(): void {
    if (this.#isGranting || this.#owed.length > 0) return; // A grant may lead to another wish.
    this.#isGranting = true;
    for (let wish = this.#next(); wish !== undefined; wish = this.#next()) wish.granted();
    this.#isGranting = false;
  }

  #next(): ResourceWish | undefined {
    for (const [key, line] of this.#lines) {
      if (!this.#ledger.take(line[0]!.shape)) continue;
      const wish = line.shift()!;
      if (line.length === 0) this.#lines.delete(key);
      return wish;
    }
    return undefined;
  }
}
