/**
 * Copies of what does not stand in fields: dates, buffers, views, and whatever else structured cloning knows. They are made
 * when the value is encoded, so that what is encoded no longer changes.
 */
import type { Transferable } from 'node:worker_threads';
import { nestsDeeperThan } from '@heddle/base';
import { DEPTH_MAX, TOO_DEEP, Unsendable } from './unsendable.ts';
import { problemOnWire } from './wire-values.ts';

/** A structured clone that every thread can read back. */
export function cloneOf(value: object): object {
  let clone: object;
  try {
    clone = structuredClone(value);
  } catch (error) {
    throw nestsDeeperThan(DEPTH_MAX, value) ? TOO_DEEP : error;
  }
  const hollow = hollowKind(value, clone);
  if (hollow !== undefined) throw new Unsendable(`${hollow} cannot be sent: nothing of it would arrive`);
  if (nestsDeeperThan(DEPTH_MAX, clone)) throw TOO_DEEP;
  return clone;
}

/** The class of the platform (`AbortSignal`, `EventTarget`, …) whose object structured cloning takes for a plain one. */
function hollowKind(value: object, clone: object): string | undefined {
  if (Object.getPrototypeOf(clone) !== Object.prototype) return undefined;
  const kind = Object.getPrototypeOf(value)?.constructor;
  const isPlatforms = typeof kind === 'function' && kind !== Object && Reflect.get(globalThis, kind.name) === kind;
  return isPlatforms ? kind.name : undefined;
}

/** @throws Unsendable for what only threads of one process can share. */
export function checkWirable(clone: unknown): void {
  const problem = problemOnWire(clone);
  if (problem !== undefined) throw new Unsendable(problem);
}

/** Looked at before anything is moved: what is moved into an error is gone. */
export function checkMovable(value: unknown, list: readonly Transferable[]): void {
  for (const each of list) {
    if (!(each instanceof ArrayBuffer))
      throw new Unsendable(`${Object.prototype.toString.call(each)} cannot be moved to another process`);
  }
  checkWirable(ArrayBuffer.isView(value) ? value : structuredClone(value));
}

/** A view of a copy of just its own part of its buffer. */
export function copyOfView(view: ArrayBufferView): ArrayBufferView {
  if (!(view.buffer instanceof ArrayBuffer) || view instanceof DataView) return structuredClone(view);
  return Buffer.isBuffer(view) ? new Uint8Array(view) : (view as Uint8Array).slice(); // A buffer's slice would share.
}
