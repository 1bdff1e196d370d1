/** What a scope can own. */
export type Owned = AsyncDisposable | Disposable;

/**
 * Owns things and ends them, last made first ended, all of them even if one throws.
 *
 * Ending twice is fine: the second time nothing is left to end. What is owned after the end is ended at
 * once, so that a start that raced with an end leaks nothing.
 */
export class Scope implements AsyncDisposable {
  readonly #endings: (() => unknown)[] = [];
  #ended: Promise<void> | undefined;

  /** Takes ownership of `thing` and returns it. */
  own<T extends Owned>(thing: T): T {
    this.defer(() => (Symbol.asyncDispose in thing ? thing[Symbol.asyncDispose]() : thing[Symbol.dispose]()));
    return thing;
  }

  /** Runs `ending` when the scope ends. */
  defer(ending: () => unknown): void {
    if (this.#ended !== undefined) void Promise.resolve().then(ending);
    else this.#endings.push(ending);
  }

  /** Gives up ownership of everything to a new scope: for a constructor that succeeded. */
  move(): Scope {
    const heir = new Scope();
    for (const ending of this.#endings.splice(0)) heir.defer(ending);
    return heir;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    const failures: unknown[] = [];
    for (let ending = this.#endings.pop(); ending !== undefined; ending = this.#endings.pop()) {
      try {
        await ending();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1)
      throw new AggregateError(failures, `Cannot end a scope cleanly: ${failures.length} steps failed`);
  }
}
