/** What stands for a handle or a ref among arguments that are to be stored: see `stored-args.ts`. */

/** A handle on its way into or out of storage: its bytes are the JSON text of what a handle is made of. */
export class HandleMark extends Uint8Array {}

export const markOf = (content: object): HandleMark =>
  new HandleMark(new TextEncoder().encode(JSON.stringify(content)));

/** In the place of a ref, which cannot be stored. */
export class RefMark extends Uint8Array {}
