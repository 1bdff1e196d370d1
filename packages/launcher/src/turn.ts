/**
 * The turns of the event loop, where they matter.
 *
 * libuv reaps all children that have ended in one go and tells of them one by one afterwards. So while one exit is
 * told of, another child may be reaped already and look alive. A turn that `setImmediate` begins has no such
 * children: all that were reaped have been told of, and none is reaped before the turn is over.
 */

/** Runs `action` in a turn of its own, in which a child that looks alive pins its pid, and gives its result. */
export function inFreshTurn<T>(action: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(action());
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Lets the loop serve everybody else once. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
