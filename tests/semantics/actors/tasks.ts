import {
  exitActor,
  get,
  getRuntimeContext,
  type ObjectRef,
  type RuntimeContext,
  registerErrorClass,
  remote,
  wait,
} from '@heddle/actors';
import { blockAtGate, count, waitAtGate, writeLog } from '../../support/gate.ts';

// Functions for what tasks promise. One that calls itself has another name inside than outside.

export const square = remote(import.meta, function square(x: number): number {
  return x * x;
});

export const add = remote(import.meta, function add(a: number, b: number): number {
  return a + b;
});

export const echo = remote(import.meta, function echo<T>(value: T): T {
  return value;
});

export const log = remote(import.meta, function log(index: number, memory: SharedArrayBuffer): number {
  writeLog(memory, index);
  return index;
});

/** Writes, and blocks its thread at the gate. */
export const block = remote(
  import.meta,
  function block(index: number, memory: SharedArrayBuffer, gate: SharedArrayBuffer): number {
    writeLog(memory, index);
    blockAtGate(gate);
    return index;
  },
);

/** Waits for the gate while its thread goes on: it keeps its processor. */
export const waitFor = remote(import.meta, async function waitFor<T>(gate: SharedArrayBuffer, value: T): Promise<T> {
  await waitAtGate(gate);
  return value;
});

/** A fan-out of tasks that wait for tasks. */
export const fanOut = remote(import.meta, async function fanOutFrom(depth: number, width: number): Promise<number> {
  if (depth === 0) return 1;
  const parts = await get(Array.from({ length: width }, () => fanOut.remote(depth - 1, width)));
  return parts.reduce((sum, part) => sum + part, 0);
});

export const isReady = remote(import.meta, async function isReady(box: { ref: ObjectRef }): Promise<boolean> {
  const [ready] = await wait([box.ref], { numReturns: 1 });
  return ready.length === 1;
});

export class Unlucky extends Error {
  override readonly name = 'Unlucky';
}
export class VeryUnlucky extends Unlucky {}
registerErrorClass(Unlucky);

/** Counts, and throws as long as it has run fewer than `lucky` times. */
export const tryLuck = remote(
  import.meta,
  function tryLuck(tally: SharedArrayBuffer, index: number, lucky: number): string {
    count(tally, index);
    if (new Int32Array(tally)[index]! < lucky) throw new VeryUnlucky(`run ${new Int32Array(tally)[index]}`);
    return 'lucky';
  },
);

/** Counts, and ends its thread as long as it has run fewer than `lucky` times. */
export const dieOften = remote(
  import.meta,
  function dieOften(tally: SharedArrayBuffer, index: number, lucky: number): string {
    count(tally, index);
    if (new Int32Array(tally)[index]! < lucky) process.exit(1);
    return 'alive';
  },
);

export const tally = remote(import.meta, function tally(memory: SharedArrayBuffer, index: number): number {
  count(memory, index);
  return index;
});

/** Ends when it is cancelled, or when the gate opens. */
export const cancellable = remote(
  import.meta,
  async function cancellable(gate: SharedArrayBuffer, memory: SharedArrayBuffer): Promise<string> {
    count(memory, 0);
    const aborted = new Promise<string>((resolve) => {
      getRuntimeContext().signal.addEventListener('abort', () => resolve('aborted'), { once: true });
    });
    const outcome = await Promise.race([aborted, waitAtGate(gate).then(() => 'through')]);
    if (outcome === 'aborted') count(memory, 1);
    return outcome;
  },
);

export const parent = remote(
  import.meta,
  async function parent(gate: SharedArrayBuffer, memory: SharedArrayBuffer): Promise<string> {
    return await cancellable.remote(gate, memory);
  },
);

export const context = remote(import.meta, async function context(): Promise<Partial<RuntimeContext>> {
  const { signal: _, ...before } = getRuntimeContext();
  await Promise.resolve();
  return { ...before, taskId: before.taskId === getRuntimeContext().taskId ? before.taskId : undefined };
});

export const leave = remote(import.meta, function leave(): never {
  return exitActor();
});

export const say = remote(import.meta, function say(text: string): void {
  console.log(text);
});

export const pair = remote(import.meta, function pair(): [number, string] {
  return [1, 'two'];
});

/** A task that calls another. */
export const squareOf = remote(import.meta, async function parentOf(x: number): Promise<number> {
  return await square.remote(x);
});
