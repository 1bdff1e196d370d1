/**
 * The driver's scheduler of tasks: hands out leases of pool threads for resources. Ray: the raylet's part.
 *
 *              1             2          3
 *   (wanted) ──▶ STARTING ──▶ OUT ◀──▶ AWAY
 *                    └──────── 4 ───────┘──▶ (over)
 *
 * 1. The resources are there, and Piscina has been given a task that lasts as long as the lease. 2. The thread said
 * that it is ready; the owner has been told and sends its tasks there itself. 3. All that runs in it waits for
 * refs: its processors go to others meanwhile. 4. The owner gave it back, the owner is gone, or the thread is.
 *
 * A lease belongs to one owner (a thread that submits tasks) and one shape of resources. When somebody else waits
 * for what it holds it is revoked, after it was out for a little while: its owner then gives it back at its next
 * task.
 */
import type { Clock, Timer } from '@heddle/base';
import type { Link } from './link.ts';
import type { CellKey } from './protocol.ts';
import { CPU, type Resources } from './resource-ledger.ts';
import type { ResourceQueue, ResourceWish } from './resource-queue.ts';
import { shapeKey } from './task-options.ts';
import type { TaskPool } from './task-pool.ts';

/** A thread that submits tasks, as the driver talks to it. */
export interface LeaseOwner {
  readonly isOpen: boolean;
  granted(key: string, cell: CellKey, threadId: number): void;
  revoke(cell: CellKey): void;
}

export interface LeasesParts {
  readonly resources: ResourceQueue;
  readonly pool: TaskPool;
  readonly clock: Clock;
  readonly nextCell: () => CellKey;
  /** Told once of a shape that can never fit. */
  readonly cannotFit: (shape: Resources) => void;
}

/** A lease is not revoked before it was out for so long: a switch costs more than many a task. */
const HOLD_MS = 2;

interface Lease {
  readonly cell: CellKey;
  readonly owner: LeaseOwner;
  readonly key: string;
  readonly shape: Resources;
  /** The part that is lent to others while all that runs in it waits. */
  readonly processors: Resources;
  readonly sinceMs: number;
  link: Link | undefined;
  isAway: boolean;
  isRevoked: boolean;
  /** Its resources are back; the thread may still have to hear. */
  isBack: boolean;
}

/** So many leases of one shape an owner wants. */
interface Want extends ResourceWish {
  readonly owner: LeaseOwner;
  readonly key: string;
  count: number;
}

export class Leases {
  readonly #parts: LeasesParts;
  readonly #leases = new Map<CellKey, Lease>();
  readonly #wants = new Map<LeaseOwner, Map<string, Want>>();
  readonly #warned = new Set<string>();
  #revoking: Timer | undefined;

  constructor(parts: LeasesParts) {
    this.#parts = parts;
  }

  /** `owner` wants `count` leases of this shape beside those it has. */
  want(owner: LeaseOwner, shape: Resources, count: number): void {
    const key = shapeKey(shape);
    const wants = this.#wants.get(owner) ?? new Map<string, Want>();
    this.#wants.set(owner, wants);
    const known = wants.get(key);
    if (known !== undefined) {
      known.count = count;
      if (count === 0) this.#forget(known);
      return;
    }
    if (count === 0) return;
    const want: Want = { owner, key, shape, count, granted: () => this.#granted(want) };
    wants.set(key, want);
    this.#warnIfHopeless(key, shape);
    this.#parts.resources.wait(want);
    this.#revokeSoon();
  }

  /** The owner needs the lease no more. */
  back(cell: CellKey): void {
    const lease = this.#leases.get(cell);
    if (lease !== undefined) this.#end(lease);
  }

  /** The thread is ready for the lease. */
  up(cell: CellKey, link: Link): void {
    const lease = this.#leases.get(cell);
    if (lease === undefined) return;
    lease.link = link;
    if (!lease.owner.isOpen) this.#end(lease);
    else lease.owner.granted(lease.key, cell, link.peer);
    this.#revokeSoon();
  }

  /** All that runs in the lease waits for refs, or something of it goes on. */
  away(cell: CellKey, isAway: boolean): void {
    const lease = this.#leases.get(cell);
    if (lease === undefined || lease.isBack || lease.isAway === isAway) return;
    lease.isAway = isAway;
    if (isAway) this.#parts.resources.giveBackAgain(lease.processors);
    else this.#parts.resources.takeAgain(lease.processors);
  }

  /** The thread of a lease, for a cancel that forces it. */
  linkOf(cell: CellKey): Link | undefined {
    return this.#leases.get(cell)?.link;
  }

  /** An owner is gone: its leases are free, its wishes over. */
  ownerGone(owner: LeaseOwner): void {
    for (const want of [...(this.#wants.get(owner)?.values() ?? [])]) this.#forget(want);
    this.#wants.delete(owner);
    for (const lease of [...this.#leases.values()]) if (lease.owner === owner) this.#end(lease);
  }

  close(): void {
    this.#revoking?.cancel();
    for (const wants of this.#wants.values()) for (const want of wants.values()) this.#parts.resources.withdraw(want);
    this.#wants.clear();
    this.#leases.clear();
  }

  #granted(want: Want): void {
    want.count--;
    if (want.count > 0) this.#parts.resources.wait(want);
    else this.#wants.get(want.owner)?.delete(want.key);
    this.#start(want.owner, want.key, want.shape);
  }

  #start(owner: LeaseOwner, key: string, shape: Resources): void {
    const { clock, pool, nextCell } = this.#parts;
    const lease: Lease = {
      cell: nextCell(),
      owner,
      key,
      shape,
      processors: CPU in shape ? { [CPU]: shape[CPU]! } : {},
      sinceMs: clock.monotonicMs(),
      link: undefined,
      isAway: false,
      isRevoked: false,
      isBack: false,
    };
    this.#leases.set(lease.cell, lease);
    pool.lease(lease.cell).then(
      () => this.#over(lease),
      () => this.#lost(lease),
    );
  }

  /** The thread is gone. Its owner sees that by the link; an owner that never heard of the lease still wants one. */
  #lost(lease: Lease): void {
    this.#over(lease);
    if (lease.link !== undefined || !lease.owner.isOpen || !this.#parts.pool.isOpen) return;
    const wanted = this.#wants.get(lease.owner)?.get(lease.key)?.count ?? 0;
    this.want(lease.owner, lease.shape, wanted + 1);
  }

  #over(lease: Lease): void {
    this.#leases.delete(lease.cell);
    this.#giveBack(lease);
  }

  #end(lease: Lease): void {
    lease.isRevoked = true;
    this.#giveBack(lease);
    if (lease.link !== undefined) this.#parts.pool.end(lease.cell, lease.link);
  }

  #giveBack(lease: Lease): void {
    if (lease.isBack) return;
    lease.isBack = true;
    const { [CPU]: _, ...others } = lease.shape;
    if (!lease.isAway) this.#parts.resources.giveBackAgain(lease.processors);
    this.#parts.resources.giveBack(others);
  }

  #forget(want: Want): void {
    this.#parts.resources.withdraw(want);
    this.#wants.get(want.owner)?.delete(want.key);
  }

  #warnIfHopeless(key: string, shape: Resources): void {
    if (this.#parts.resources.canEverFit(shape) || this.#warned.has(key)) return;
    this.#warned.add(key);
    this.#parts.cannotFit(shape);
  }

  // ── Revoking ───────────────────────────────────────────────────────────────────────────────────────────

  #revokeSoon(): void {
    if (this.#revoking !== undefined || this.#leases.size === 0 || this.#contested() === undefined) return;
    this.#revoking = this.#parts.clock.after(HOLD_MS, () => this.#revoke(), { background: true });
  }

  #revoke(): void {
    this.#revoking = undefined;
    const lease = this.#contested();
    if (lease === undefined) return;
    if (this.#parts.clock.monotonicMs() - lease.sinceMs >= HOLD_MS) {
      lease.isRevoked = true;
      lease.owner.revoke(lease.cell);
    }
    this.#revokeSoon();
  }

  /** The lease that has been out for longest among those whose resources somebody else waits for. */
  #contested(): Lease | undefined {
    const waiting = this.#parts.resources.waiting as Partial<Want>[];
    if (waiting.length === 0) return undefined;
    for (const lease of this.#leases.values()) {
      if (lease.isRevoked || lease.isBack || lease.link === undefined) continue;
      if (waiting.some((want) => want.owner !== lease.owner || want.key !== lease.key)) return lease;
    }
    return undefined;
  }
}
