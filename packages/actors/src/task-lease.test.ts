import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@heddle/base';
import { declareFunction } from './class-declaration.ts';
import { Definitions } from './definitions.ts';
import { LocalLink } from './local-link.ts';
import { ObjectRef } from './object-ref.ts';
import { type CallOwner, PendingCall } from './pending-call.ts';
import { TaskCosts, TaskLease } from './task-lease.ts';

const OWNER: CallOwner = { sendsOnce: false, answered() {}, unbegun() {}, interrupted() {}, refused() {}, cancel() {} };

const DECLARATION = declareFunction('file:///square.ts', function square() {});

function makeCall(order: number): PendingCall {
  const terms = { ref: new ObjectRef(), refs: [], stream: undefined, owner: OWNER, declaration: DECLARATION };
  return new PendingCall({ ...terms, method: 0, order, options: {}, parent: undefined }, 0);
}

/** A lease of this very thread. */
class Bench {
  readonly link = new LocalLink(
    1,
    new Definitions(),
    () => ({ decodeOwn: () => ({}) }),
    { received() {}, closed() {}, woken() {}, nothing() {}, dirty() {} },
    new ManualClock(),
  );
  readonly lease = new TaskLease(0, this.link, new TaskCosts(), 0, () => {});
  #made = 0;

  /** Sends as many tasks as there is room for, and says how many. */
  fill(): PendingCall[] {
    const calls: PendingCall[] = [];
    for (let call = makeCall(this.#made++); this.lease.hasRoomFor(call); call = makeCall(this.#made++)) {
      call.slot = this.link.slots.take(call);
      this.lease.sent(call);
      calls.push(call);
    }
    return calls;
  }

  /** All run, one after another, each for `ms`; the answers are here at `atMs`. */
  answer(calls: readonly PendingCall[], ms: number, atMs: number): void {
    for (const call of calls) {
      this.link.claim(call.slot);
      this.link.addRan(ms);
      this.link.slots.release(call.slot);
      this.lease.left(call, true);
    }
    this.lease.measure(atMs);
  }
}

test('a task whose length is unknown goes alone, short ones by the hundred, also when their answers come late', () => {
  const bench = new Bench();
  const first = bench.fill();
  assert.equal(first.length, 1);
  bench.answer(first, 0.01, 30); // The machine is busy: 10 µs of work, answered after 30 ms.
  assert.ok(bench.fill().length > 100);
});

test('a function that turns out long is sent alone again, and by the hundred again after a few short runs', () => {
  const bench = new Bench();
  bench.answer(bench.fill(), 0.01, 1);
  const ahead = bench.fill();
  bench.answer(ahead, 10, 3_000);
  assert.equal(bench.lease.size, 0);
  let calls = bench.fill();
  assert.equal(calls.length, 1);
  let rounds = 0;
  for (; calls.length < 100; rounds++) {
    bench.answer(calls, 0.01, 3_000 + rounds);
    calls = bench.fill();
  }
  assert.ok(rounds < 10, `${rounds} rounds`);
});

test('what has not begun can be taken back, and then leaves its room to others', () => {
  const bench = new Bench();
  bench.answer(bench.fill(), 0.01, 1);
  const [running, ...behind] = bench.fill();
  bench.link.claim(running!.slot);
  assert.deepEqual(bench.lease.calls(), [running, ...behind]);
  assert.equal(bench.lease.recall(running!), false);
  for (const call of behind) assert.equal(bench.lease.recall(call), true);
  assert.deepEqual(bench.lease.calls(), [running]);
  assert.equal(bench.lease.size, 1);
  assert.equal(bench.fill().length, behind.length);
});

test('a revoked lease takes nothing more', () => {
  const bench = new Bench();
  bench.lease.isRevoked = true;
  assert.equal(bench.fill().length, 0);
});
