/**
 * The tasks of one thread that need the same resources: one line, in the order of submission, and the leases that
 * serve it. A task whose arguments are not ready stands beside the line and takes its place in it when they are.
 *
 *              1            2         3
 *   UNREADY ──▶ PLACEABLE ──▶ SENT ──▶ (running)
 *                    ◀── 4 ──────────────┘
 *
 * 1. All refs among the arguments have settled. 2. A lease has room. 3. Its thread has claimed it. 4. It was taken
 * back before it began, its thread died, or it threw what its options retry.
 *
 * Where nothing waits in the line and a lease has room, a new task goes straight into the batch of the lease's link,
 * as a call of an actor does.
 */
import type { Clock, Timer } from '@heddle/base';
import { RuntimeClosedError, TaskCancelledError, taskError, WorkerCrashedError } from './errors.ts';
import type { Link } from './link.ts';
import { isRetried } from './method-options.ts';
import type { CallQueue, PendingCall } from './pending-call.ts';
import type { CellKey } from './protocol.ts';
import type { Resources } from './resource-ledger.ts';
import { TaskCosts, TaskLease } from './task-lease.ts';
import type { TaskLog } from './task-log.ts';
import { Step } from './task-trace.ts';

export interface TaskEffects {
  readonly log: TaskLog;
  /** Sends the task now. False: the link has no slot left; `resume` will be called when it has. */
  send(lease: TaskLease, link: Link, call: PendingCall): boolean;
  linkTo(threadId: number): Link | undefined;
  settle(call: PendingCall, isValue: boolean, value: unknown): void;
  /** Asks the thread of a running task to cancel it. */
  cancelSent(lease: TaskLease, call: PendingCall, recursive: boolean): void;
  wantLeases(shape: Resources, count: number): void;
  returnLease(cell: CellKey): void;
  /** Ends the thread of a lease, with all that runs in it. */
  endThread(cell: CellKey): void;
}

/** A lease that nobody uses is given back after so long. */
const IDLE_MS = 50;
/** A task that has run for so long is no short one: what was sent behind it goes elsewhere. */
const STUCK_MS = 2;
/** More leases than this one thread does not ask for. */
const WANTED_MAX = 1_000;
/** For a new task so many leases are compared at most. */
const COMPARED_MAX = 8;

export class TaskQueue implements CallQueue {
  readonly actorId = undefined;
  /** What has not begun is taken back, or outlives its thread. */
  readonly sendsOnce = false;
  pending = 0;
  readonly #shape: Resources;
  readonly #effects: TaskEffects;
  readonly #clock: Clock;
  readonly #costs = new TaskCosts();
  readonly #leases = new Map<CellKey, TaskLease>();
  /** The same in a list, and from where in it the next comparison begins. */
  #ring: TaskLease[] = [];
  #next = 0;
  readonly #unready = new Set<PendingCall>();
  /** By order of submission, from `#head` on. */
  #line: PendingCall[] = [];
  #head = 0;
  /** Leases asked for and not granted. */
  #wanted = 0;
  #isPumping = false;
  #hasNews = false;
  #idle: Timer | undefined;
  #stuck: Timer | undefined;

  constructor(shape: Resources, effects: TaskEffects, clock: Clock) {
    this.#shape = shape;
    this.#effects = effects;
    this.#clock = clock;
  }

  // ── CallQueue ──────────────────────────────────────────────────────────────────────────────────────────

  enqueue(call: PendingCall): void {
    if (!call.isReady) this.#unready.add(call);
    else this.ready(call);
  }

  ready(call: PendingCall): void {
    this.#unready.delete(call);
    if (call.trace !== undefined) this.#effects.log.step(call.trace, Step.Placeable);
    this.#stand(call);
    this.#pumpSoon();
  }

  /** Where a new task may be sent at once; undefined: it must stand in line. */
  leaseFor(call: PendingCall): TaskLease | undefined {
    if (this.#waiting > 0) return undefined;
    const lease = this.#freest();
    if (lease === undefined || !lease.hasRoomFor(call)) return undefined;
    if (lease.size === 0) lease.begins(this.#clock.monotonicMs());
    if (call.trace !== undefined) {
      this.#effects.log.step(call.trace, Step.Placeable);
      this.#effects.log.step(call.trace, Step.Leased, lease.link.peer);
    }
    this.#hasNews = true;
    this.#pumpSoon();
    return lease;
  }

  withdraw(call: PendingCall): void {
    this.#unready.delete(call);
    const at = this.#line.indexOf(call, this.#head);
    if (at !== -1) this.#line.splice(at, 1);
    this.pending--;
    this.#pumpSoon();
  }

  answered(call: PendingCall, isValue: boolean, value: unknown, isOurs: boolean): void {
    this.#leave(call, true);
    if (!isValue && !isOurs && call.retriesLeft !== 0 && !call.isCancelled && isRetried(call.options, value)) {
      this.#again(call);
      return;
    }
    if (call.isCancelled) this.#settle(call, false, new TaskCancelledError(call.description));
    else this.#settle(call, isValue, isValue || isOurs ? value : taskError(call.description, value));
  }

  refused(): void {
    this.pending--;
  }

  unbegun(call: PendingCall): void {
    this.#leave(call, false);
    if (call.isCancelled) this.#settle(call, false, new TaskCancelledError(call.description));
    else this.#stand(call);
  }

  interrupted(call: PendingCall): void {
    this.#leave(call, false);
    if (call.trace !== undefined) this.#effects.log.step(call.trace, Step.Interrupted, -1, 'its thread has ended');
    if (call.isCancelled) this.#settle(call, false, new TaskCancelledError(call.description));
    else if (call.retriesLeft !== 0) this.#again(call);
    else
      this.#settle(
        call,
        false,
        new WorkerCrashedError(`Cannot get the result of ${call.description}: its worker died while running it`),
      );
  }

  cancel(call: PendingCall, recursive: boolean, force = false): void {
    if (call.isSettled) return;
    call.isCancelled = true;
    const lease = this.#leaseOf(call);
    if (lease === undefined) {
      this.withdraw(call);
      this.#effects.settle(call, false, new TaskCancelledError(call.description));
    } else if (lease.recall(call)) {
      this.#settle(call, false, new TaskCancelledError(call.description));
    } else {
      this.#effects.cancelSent(lease, call, recursive);
      if (force) this.#effects.endThread(lease.cell);
    }
  }

  // ── Leases ─────────────────────────────────────────────────────────────────────────────────────────────

  granted(cell: CellKey, threadId: number): void {
    this.#wanted = Math.max(0, this.#wanted - 1);
    const link = this.#effects.linkTo(threadId);
    if (link === undefined) {
      this.#effects.returnLease(cell);
      return;
    }
    const now = this.#clock.monotonicMs();
    this.#leases.set(cell, new TaskLease(cell, link, this.#costs, now, () => this.#pumpSoon()));
    this.#ring = [...this.#leases.values()];
    this.#pump();
  }

  /** Somebody else waits for what the lease holds: it is given back as soon as its running task has ended. */
  revoke(cell: CellKey): void {
    const lease = this.#leases.get(cell);
    if (lease === undefined) return;
    lease.isRevoked = true;
    this.#recallAll(lease);
    this.#pump();
  }

  linkClosed(link: Link): void {
    for (const lease of [...this.#leases.values()]) {
      if (lease.link !== link) continue;
      this.#forget(lease);
      this.#hasNews = true;
    }
  }

  received(): void {
    if (!this.#hasNews) return;
    this.#hasNews = false;
    const now = this.#clock.monotonicMs();
    for (const lease of this.#leases.values()) lease.measure(now);
    this.#pump();
  }

  abandon(): void {
    this.#idle?.cancel();
    this.#stuck?.cancel();
    const inFlight = [...this.#leases.values()].flatMap((lease) => lease.calls());
    this.#leases.clear();
    this.#ring = [];
    for (const call of [...inFlight, ...this.#unready, ...this.#line.slice(this.#head)])
      this.#settle(
        call,
        false,
        new RuntimeClosedError(`Cannot get the result of ${call.description}: the runtime was shut down`),
      );
    this.#unready.clear();
    this.#line = [];
    this.#head = 0;
  }

  /** The lease with the least before it, of the first few from where the last comparison ended. */
  #freest(): TaskLease | undefined {
    const ring = this.#ring;
    const count = Math.min(ring.length, COMPARED_MAX);
    if (count < ring.length) this.#next = (this.#next + 1) % ring.length;
    else this.#next = 0;
    let best = ring[this.#next];
    for (let i = 1; i < count && best!.size > 0; i++) {
      const each = ring[(this.#next + i) % ring.length]!;
      if (!each.isRevoked && (best!.isRevoked || each.isFreerThan(best!))) best = each;
    }
    return best;
  }

  // ── The line ───────────────────────────────────────────────────────────────────────────────────────────

  get #waiting(): number {
    return this.#line.length - this.#head;
  }

  /** Into the line, at the place that its submission gives it. */
  #stand(call: PendingCall): void {
    let at = this.#line.length;
    while (at > this.#head && this.#line[at - 1]!.order > call.order) at--;
    if (at === this.#line.length) this.#line.push(call);
    else this.#line.splice(at, 0, call);
    this.#hasNews = true;
  }

  #again(call: PendingCall): void {
    if (call.retriesLeft > 0) call.retriesLeft--;
    if (call.trace !== undefined) this.#effects.log.step(call.trace, Step.Retried);
    this.#stand(call);
  }

  #settle(call: PendingCall, isValue: boolean, value: unknown): void {
    this.pending--;
    this.#effects.settle(call, isValue, value);
  }

  #leave(call: PendingCall, isDone: boolean): void {
    this.#leaseOf(call)?.left(call, isDone);
    this.#hasNews = true;
  }

  #leaseOf(call: PendingCall): TaskLease | undefined {
    return call.place as TaskLease | undefined;
  }

  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    process.nextTick(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  /** The function of the task that waits first. */
  get first(): string | undefined {
    return this.#line[this.#head]?.description;
  }

  /** Sends what waits to the leases that have room, takes back what is stuck, and asks for leases or gives them back. */
  #pump(): void {
    const now = this.#clock.monotonicMs();
    this.#effects.log.touch();
    this.#fill(now);
    if (this.#waiting === 0 && this.#unstick(now)) this.#fill(now);
    this.#giveBackRevoked();
    this.#adjust();
  }

  #fill(now: number): void {
    if (this.#waiting === 0) return;
    for (const lease of this.#leases.values()) if (lease.size === 0) this.#sendTo(lease, 1, now);
    const share = Math.ceil(this.#waiting / Math.max(1, this.#leases.size));
    for (const lease of this.#leases.values()) {
      if (this.#waiting === 0) return;
      this.#sendTo(lease, share, now);
    }
  }

  #sendTo(lease: TaskLease, count: number, now: number): void {
    for (let sent = 0; sent < count && this.#waiting > 0; sent++) {
      const call = this.#line[this.#head]!;
      if (!lease.hasRoomFor(call)) return;
      if (lease.size === 0) lease.begins(now);
      if (call.trace !== undefined && call.place === undefined)
        this.#effects.log.step(call.trace, Step.Leased, lease.link.peer);
      if (!this.#effects.send(lease, lease.link, call)) return;
      this.#head++;
      if (call.isSettled) continue; // It could not be sent.
      lease.sent(call);
    }
    if (this.#head === this.#line.length) {
      this.#line = [];
      this.#head = 0;
    }
  }

  /** A lease is idle while tasks stand behind a long one elsewhere: takes those back. */
  #unstick(now: number): boolean {
    const leases = [...this.#leases.values()];
    const behind = leases.filter((lease) => lease.size > 1);
    if (behind.length === 0 || !leases.some((lease) => lease.size === 0 && !lease.isRevoked)) return false;
    const stuck = behind.filter((lease) => now - lease.sinceMs >= STUCK_MS);
    for (const lease of stuck) this.#recallAll(lease);
    if (stuck.length < behind.length) this.#lookAgain();
    return stuck.length > 0;
  }

  #recallAll(lease: TaskLease): void {
    for (const call of lease.calls()) {
      if (!lease.recall(call)) continue;
      if (call.trace !== undefined) this.#effects.log.step(call.trace, Step.TakenBack);
      this.#stand(call);
    }
  }

  #lookAgain(): void {
    this.#stuck ??= this.#clock.after(
      STUCK_MS,
      () => {
        this.#stuck = undefined;
        this.#pump();
      },
      { background: true },
    );
  }

  #giveBackRevoked(): void {
    for (const lease of [...this.#leases.values()]) if (lease.isRevoked && lease.size === 0) this.#giveBack(lease);
  }

  #forget(lease: TaskLease): void {
    this.#leases.delete(lease.cell);
    this.#ring = [...this.#leases.values()];
  }

  #giveBack(lease: TaskLease): void {
    this.#forget(lease);
    this.#effects.returnLease(lease.cell);
  }

  #giveBackIdle(now: number): void {
    for (const lease of this.#ring) if (lease.size === 0 && now - lease.sinceMs >= IDLE_MS) this.#giveBack(lease);
  }

  #adjust(): void {
    let backlog = this.#waiting;
    let idle = 0;
    for (const { size } of this.#leases.values()) {
      if (size === 0) idle++;
      else backlog += size - 1;
    }
    const wanted = Math.min(WANTED_MAX, Math.max(0, backlog - idle));
    if (wanted > this.#wanted || (wanted === 0 && this.#wanted > 0)) {
      this.#wanted = wanted;
      this.#effects.wantLeases(this.#shape, wanted);
    }
    if (idle > 0) this.#idleSoon();
  }

  #idleSoon(): void {
    this.#idle ??= this.#clock.after(
      IDLE_MS,
      () => {
        this.#idle = undefined;
        if (this.#waiting === 0) this.#giveBackIdle(this.#clock.monotonicMs());
        if (this.#ring.some(({ size }) => size === 0)) this.#idleSoon();
      },
      { background: true },
    );
  }
}
