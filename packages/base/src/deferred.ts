/** A promise with its handles outside: whoever makes it owes it an end. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T | PromiseLike<T>): void;
  reject(reason: unknown): void;
}

export function createDeferred<T = void>(): Deferred<T> {
  return Promise.withResolvers<T>();
}

/** The same, with a rejection that nobody awaits passing in silence: for "has it ended?" promises. */
export function createQuietDeferred<T = void>(): Deferred<T> {
  const deferred = createDeferred<T>();
  deferred.promise.catch(() => {});
  return deferred;
}
