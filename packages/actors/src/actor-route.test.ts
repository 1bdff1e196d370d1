/** `ActorRoute` as laws, over random histories of calls, deaths and verdicts in a small model of hosts and driver. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ActorRoute, type ActorTerms, type RouteEffects } from './actor-route.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { Envelope } from './envelope.ts';
import { ActorAlreadyExistsError, ActorDiedError, ActorUnavailableError, TaskCancelledError } from './errors.ts';
import type { Link } from './link.ts';
import { PendingCall } from './pending-call.ts';
import type { Verdict } from './verdict.ts';

/** So many calls fit on a link of the model. */
const SLOTS = 4;

const declaration = {
  module: 'file:///m.ts',
  name: 'Subject',
  methods: ['method'],
  isAsync: false,
  methodOptions: {},
} as unknown as ClassDeclaration;

/** What the model knows of one call. */
interface Entry {
  readonly call: PendingCall;
  readonly caller: number;
  /** It had all its arguments when it was made. */
  readonly wasReady: boolean;
  /** The cells in which it began. */
  readonly begunIn: number[];
  readonly answers: { readonly isValue: boolean; readonly value: unknown }[];
}

/** One incarnation in its thread, with the calls that were sent to it and have not come back. */
class Incarnation {
  readonly cell: number;
  readonly link: { isOpen: boolean } = { isOpen: true };
  isOver = false;
  readonly queued: Entry[] = [];
  readonly running: Entry[] = [];

  constructor(cell: number) {
    this.cell = cell;
  }

  get inFlight(): number {
    return this.queued.length + this.running.length;
  }

  take(entry: Entry): void {
    for (const list of [this.queued, this.running]) {
      const at = list.indexOf(entry);
      if (at !== -1) list.splice(at, 1);
    }
  }
}

interface Terms {
  readonly isConcurrent: boolean;
  readonly failFast: boolean;
  readonly maxTaskRetries: number;
}

class World implements RouteEffects {
  readonly route: ActorRoute;
  readonly entries: Entry[] = [];
  readonly #terms: Terms;
  readonly #incarnations: Incarnation[] = [];
  readonly #verdicts: Verdict[] = [];
  #present: Incarnation | undefined;
  #isDead = false;
  #isStarved = false;

  constructor(terms: Terms) {
    this.#terms = terms;
    const all: ActorTerms = { maxPendingCalls: -1, groups: [], isDetached: false, ...terms };
    this.route = new ActorRoute(1, all, declaration, this);
  }

  // ── What the route does ────────────────────────────────────────────────────────────────────────────────

  actorIdOf(actor: number): string {
    return `actor_${actor}`;
  }

  send(route: ActorRoute, link: Link, call: PendingCall): boolean {
    const incarnation = this.#incarnations.find((each) => each.link === (link as unknown))!;
    assert.equal(route.cell, incarnation.cell);
    if (incarnation.inFlight >= SLOTS) {
      this.#isStarved = true;
      return false;
    }
    for (const other of this.#incarnations)
      assert.ok(other === incarnation || other.inFlight === 0, 'a route never sends to two cells at once');
    call.link = link;
    incarnation.queued.push(this.#entryOf(call));
    return true;
  }

  linkTo(threadId: number): Link | undefined {
    const incarnation = this.#incarnations[threadId]!;
    return incarnation.link.isOpen ? (incarnation.link as unknown as Link) : undefined;
  }

  cancelSent(_route: ActorRoute, call: PendingCall): void {
    const entry = this.#entryOf(call);
    const host = this.#incarnations.find(({ queued }) => queued.includes(entry));
    if (host === undefined) return; // It runs: its end tells.
    host.take(entry);
    call.answered(false, new TaskCancelledError('a call'), true);
    this.#slotFreed();
  }

  settle(call: PendingCall, isValue: boolean, value: unknown): void {
    call.isSettled = true;
    this.#entryOf(call).answers.push({ isValue, value });
  }

  idle(): void {}

  // ── What may happen ────────────────────────────────────────────────────────────────────────────────────

  call(caller: number, isReady: boolean): void {
    const parent = caller === 0 ? undefined : ({ context: { actor: caller } } as unknown as Envelope);
    const order = this.entries.length;
    const call = new PendingCall(
      {
        ref: undefined,
        refs: [],
        stream: undefined,
        owner: this.route,
        declaration: this.route.declaration,
        method: 0,
        order,
        options: {},
        parent,
      },
      this.#terms.maxTaskRetries,
    );
    call.isReady = isReady;
    this.entries.push({ call, caller, wasReady: isReady, begunIn: [], answers: [] });
    this.route.pending++;
    if (isReady && this.route.isClear && this.send(this.route, this.route.link!, call)) this.route.sent();
    else this.route.enqueue(call);
  }

  argumentsReady(pick: number): void {
    const entry = this.#pick(this.#unready(), pick);
    if (entry === undefined) return;
    entry.call.isReady = true;
    this.route.resume();
  }

  argumentFailed(pick: number): void {
    const entry = this.#pick(this.#unready(), pick);
    if (entry === undefined) return;
    this.route.withdraw(entry.call);
    this.settle(entry.call, false, new Error('an argument failed'));
  }

  cancel(pick: number): void {
    const entry = this.#pick(this.entries, pick);
    if (entry !== undefined) this.route.cancel(entry.call, true);
  }

  begin(): void {
    const host = this.#present;
    if (host === undefined || host.isOver || host.running.length >= (this.#terms.isConcurrent ? 3 : 1)) return;
    const entry = host.queued.shift();
    if (entry === undefined) return;
    assert.ok(!entry.call.isCancelled, 'cancelled work never begins, nor begins again');
    host.running.push(entry);
    entry.begunIn.push(host.cell);
  }

  answer(pick: number): void {
    const host = this.#present;
    const entry = host && this.#pick(host.running, pick);
    if (host === undefined || entry === undefined) return;
    host.take(entry);
    if (entry.call.isCancelled) entry.call.answered(false, new TaskCancelledError('a call'), true);
    else entry.call.answered(true, 'value', false);
    this.#slotFreed();
  }

  /** The actor ends in a thread that lives on; its calls come back one by one. */
  actorEnds(restarts: boolean): void {
    if (this.#present === undefined) return;
    this.#present.isOver = true;
    this.#judge(restarts);
  }

  /** One call comes back from an incarnation that is over: those that had begun first, as hosts do it. */
  comesBack(): void {
    const host = this.#incarnations.find((each) => each.isOver && each.link.isOpen && each.inFlight > 0);
    if (host === undefined) return;
    const began = host.running.length > 0;
    const entry = (began ? host.running : host.queued).shift()!;
    began ? entry.call.interrupted() : entry.call.unbegun();
    this.#slotFreed();
  }

  /** The thread of the present incarnation dies: its link closes, and all calls on it are given back at once. */
  threadDies(restarts: boolean): void {
    const host = this.#present ?? this.#incarnations.find((each) => each.link.isOpen);
    if (host === undefined) return;
    const wasOver = host.isOver;
    host.isOver = true;
    host.link.isOpen = false;
    const back = [...host.queued.splice(0).map((entry) => ({ entry, began: false }))];
    back.push(...host.running.splice(0).map((entry) => ({ entry, began: true })));
    for (const { entry, began } of back) began ? entry.call.interrupted() : entry.call.unbegun();
    this.route.linkClosed(host.link as unknown as Link);
    if (!wasOver) this.#judge(restarts);
  }

  verdictArrives(): void {
    const verdict = this.#verdicts.shift();
    if (verdict !== undefined) this.route.judged(verdict);
  }

  /** The driver makes a new incarnation, unless the actor is dead or lives. */
  create(): void {
    if (this.#isDead || this.#present !== undefined) return;
    const cell = this.#incarnations.length;
    this.#present = new Incarnation(cell);
    this.#incarnations.push(this.#present);
    this.#verdicts.push({ kind: 'located', cell, threadId: cell });
  }

  /** Everything that is still owed happens, and the actor dies. */
  finish(): void {
    for (const entry of this.#unready()) entry.call.isReady = true;
    this.route.resume();
    if (this.#present !== undefined) this.actorEnds(false);
    else if (!this.#isDead) this.#judge(false);
    for (let step = 0; step < 10 * (this.entries.length + this.#incarnations.length + 1); step++) {
      this.comesBack();
      this.verdictArrives();
    }
  }

  // ── Laws ───────────────────────────────────────────────────────────────────────────────────────────────

  checkAnswers(): void {
    assert.equal(this.route.pending, 0, 'nothing is pending once everything has come back');
    for (const { answers, begunIn, call } of this.entries) {
      assert.equal(answers.length, 1, 'every accepted call is answered exactly once');
      const [{ isValue, value } = { isValue: false, value: undefined }] = answers;
      if (isValue) assert.ok(begunIn.length > 0);
      else if (value instanceof ActorDiedError) {
        assert.equal(value.began, begunIn.length > 0, 'begun or not is told truly');
        assert.equal(value.retryable, begunIn.length === 0);
      } else if (value instanceof ActorUnavailableError) {
        assert.ok(this.#terms.failFast && begunIn.length === 0, 'what fails fast never began');
      } else if (value instanceof TaskCancelledError) assert.ok(call.isCancelled);
    }
  }

  checkOrder(): void {
    for (const caller of [0, 1]) {
      const own = this.entries.filter((entry) => entry.caller === caller && this.#keepsOrder(entry));
      for (const { cell } of this.#incarnations) {
        const begun = own.filter(({ begunIn }) => begunIn.includes(cell));
        assert.deepEqual(begun, this.#inOrderOfBeginning(begun, cell), 'calls begin in the order they were made');
      }
      const first = own.filter(({ begunIn }) => begunIn.length > 0).map(({ begunIn }) => begunIn[0]!);
      assert.deepEqual(
        first,
        first.toSorted((a, b) => a - b),
        'no call begins in an earlier life than one before it',
      );
    }
  }

  checkRepeats(): void {
    for (const { begunIn } of this.entries) {
      assert.equal(new Set(begunIn).size, begunIn.length, 'a call begins once in an incarnation');
      const { maxTaskRetries } = this.#terms;
      if (maxTaskRetries !== -1) assert.ok(begunIn.length <= 1 + maxTaskRetries, 'no call is run again too often');
    }
  }

  /** At a concurrent actor a call that was not ready may be passed. */
  #keepsOrder(entry: Entry): boolean {
    return !this.#terms.isConcurrent || entry.wasReady;
  }

  #inOrderOfBeginning(entries: readonly Entry[], cell: number): Entry[] {
    const log = this.#begun.get(cell) ?? [];
    return entries.toSorted((a, b) => log.indexOf(a) - log.indexOf(b));
  }

  /** The order in which each incarnation began its calls, kept by `begin`. */
  readonly #begun = new Map<number, Entry[]>();

  beginAndNote(): void {
    const before = this.#present?.running.at(-1);
    this.begin();
    const host = this.#present;
    const begun = host?.running.at(-1);
    if (host === undefined || begun === undefined || begun === before) return;
    this.#begun.set(host.cell, [...(this.#begun.get(host.cell) ?? []), begun]);
  }

  #judge(restarts: boolean): void {
    this.#present = undefined;
    const cause = new Error('it ended');
    this.#verdicts.push(restarts ? { kind: 'restarting', cause } : { kind: 'dead', cause });
    this.#isDead = !restarts;
  }

  #slotFreed(): void {
    if (!this.#isStarved) return;
    this.#isStarved = false;
    this.route.resume();
  }

  #unready(): Entry[] {
    return this.entries.filter(({ call, answers }) => !call.isReady && answers.length === 0);
  }

  #entryOf(call: PendingCall): Entry {
    return this.entries[call.order]!;
  }

  #pick<T>(from: readonly T[], pick: number): T | undefined {
    return from[pick % from.length];
  }
}

const anyTerms: fc.Arbitrary<Terms> = fc.record({
  isConcurrent: fc.boolean(),
  failFast: fc.boolean(),
  maxTaskRetries: fc.constantFrom(0, 0, 1, 2, -1),
});

/** Something that happens, and which of several things it happens to. */
const anyStep = fc.oneof(
  { weight: 8, arbitrary: fc.nat(1).map((caller) => (world: World) => world.call(caller, true)) },
  { weight: 2, arbitrary: fc.nat(1).map((caller) => (world: World) => world.call(caller, false)) },
  { weight: 2, arbitrary: fc.nat().map((pick) => (world: World) => world.argumentsReady(pick)) },
  { weight: 1, arbitrary: fc.nat().map((pick) => (world: World) => world.argumentFailed(pick)) },
  { weight: 1, arbitrary: fc.nat().map((pick) => (world: World) => world.cancel(pick)) },
  { weight: 8, arbitrary: fc.constant((world: World) => world.beginAndNote()) },
  { weight: 6, arbitrary: fc.nat().map((pick) => (world: World) => world.answer(pick)) },
  { weight: 3, arbitrary: fc.constant((world: World) => world.create()) },
  { weight: 5, arbitrary: fc.constant((world: World) => world.verdictArrives()) },
  { weight: 3, arbitrary: fc.constant((world: World) => world.comesBack()) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => (world: World) => world.actorEnds(n > 0)) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => (world: World) => world.threadDies(n > 0)) },
);

const anyHistory = fc
  .tuple(anyTerms, fc.array(anyStep, { minLength: 40, maxLength: 300, size: 'max' }))
  .map(([terms, steps]) => {
    return () => {
      const world = new World(terms);
      for (const step of steps) step(world);
      world.finish();
      return world;
    };
  });

const RUNS = { numRuns: 600 };

test('every accepted call is answered exactly once, and told truly whether it had begun, whatever dies', () => {
  fc.assert(
    fc.property(anyHistory, (replay) => replay().checkAnswers()),
    RUNS,
  );
});

test('the calls of one caller begin in the order in which they were made, in every life', () => {
  fc.assert(
    fc.property(anyHistory, (replay) => replay().checkOrder()),
    RUNS,
  );
});

test('a call runs once in a life and never more often than its retries allow', () => {
  fc.assert(
    fc.property(anyHistory, (replay) => replay().checkRepeats()),
    RUNS,
  );
});

test('a call that is not ready holds back the later calls of its caller and no others', () => {
  const world = new World({ isConcurrent: false, failFast: false, maxTaskRetries: 0 });
  world.create();
  world.verdictArrives();
  world.call(1, false);
  for (const caller of [1, 0, 0, 1]) world.call(caller, true);
  const sent = () => world.entries.flatMap(({ call }, index) => (call.link === undefined ? [] : [index]));
  assert.deepEqual(sent(), [2, 3]);
  world.argumentsReady(0);
  assert.deepEqual(sent(), [0, 1, 2, 3]);
});

test('at a concurrent actor a call that is not ready holds back nobody', () => {
  const world = new World({ isConcurrent: true, failFast: false, maxTaskRetries: 0 });
  world.create();
  world.verdictArrives();
  world.call(0, false);
  world.call(0, true);
  assert.deepEqual(
    world.entries.map(({ call }) => call.link !== undefined),
    [false, true],
  );
});

test('calls on an actor whose name was taken fail with just that', () => {
  const world = new World({ isConcurrent: false, failFast: false, maxTaskRetries: 0 });
  world.call(0, true);
  const taken = new ActorAlreadyExistsError('name', 'default');
  world.route.judged({ kind: 'dead', cause: taken });
  world.call(0, true);
  assert.deepEqual(
    world.entries.map(({ answers }) => answers[0]?.value),
    [taken, taken],
  );
});
