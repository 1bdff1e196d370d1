import type { CellKey } from './protocol.ts';

/** What the driver says of an actor whose last incarnation is over, or that has a new one. */
export type Verdict =
  | { readonly kind: 'located'; readonly cell: CellKey; readonly threadId: number }
  | { readonly kind: 'restarting'; readonly cause: unknown }
  | { readonly kind: 'dead'; readonly cause: unknown };
