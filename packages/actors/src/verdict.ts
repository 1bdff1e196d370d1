/** What the driver says of an actor whose last incarnation is over, or that has a new one; and how it crosses to a worker. */
import { decodeThrown, type EncodedThrown, encodeThrown } from '@heddle/base';
import { type ActorKey, type Batch, type CellKey, Kind } from './protocol.ts';

export type Verdict =
  | { readonly kind: 'located'; readonly cell: CellKey; readonly threadId: number }
  | { readonly kind: 'restarting'; readonly cause: unknown }
  | { readonly kind: 'dead'; readonly cause: unknown };

/** Its entry: kind, actor, and the cell and thread, or the cause. */
export function writeVerdict(out: Batch, actor: ActorKey, verdict: Verdict): void {
  if (verdict.kind === 'located') out.push(Kind.Located, actor, verdict.cell, verdict.threadId);
  else out.push(verdict.kind === 'dead' ? Kind.Dead : Kind.Restarting, actor, encodeThrown(verdict.cause));
}

/** The verdict of the entry at `at`, which is one of the three kinds. */
export function readVerdict(batch: Batch, at: number): Verdict {
  const kind = batch[at] as Kind;
  if (kind === Kind.Located)
    return { kind: 'located', cell: batch[at + 2] as CellKey, threadId: batch[at + 3] as number };
  const cause = decodeThrown(batch[at + 2] as EncodedThrown);
  return { kind: kind === Kind.Dead ? 'dead' : 'restarting', cause };
}
