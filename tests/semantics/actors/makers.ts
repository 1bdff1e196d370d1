import { type ActorHandle, type ObjectRef, put, remote } from '@heddle/actors';
import { waitAtGate } from '../../support/gate.ts';
import { Counter } from './counter.ts';

// Tasks that leave something behind: an actor or an object that their thread owns. Each waits at a gate first.

export const makeCounter = remote(
  import.meta,
  async function makeCounter(gate: SharedArrayBuffer, start: number): Promise<ActorHandle<typeof Counter>> {
    await waitAtGate(gate);
    return Counter.options({ maxRestarts: -1 }).remote(start);
  },
);

export const makeDetached = remote(
  import.meta,
  async function makeDetached(gate: SharedArrayBuffer, name: string): Promise<void> {
    await waitAtGate(gate);
    await Counter.options({ name, lifetime: 'detached' }).remote(1).value.remote();
  },
);

export const putBytes = remote(import.meta, async function putBytes(gate: SharedArrayBuffer, bytes: number[]): Promise<{
  ref: ObjectRef<Uint8Array>;
}> {
  await waitAtGate(gate);
  return { ref: put(new Uint8Array(bytes)) };
});

/** Makes an actor that nobody else ever hears of, and calls it. */
export const useCounter = remote(import.meta, async function useCounter(gate: SharedArrayBuffer): Promise<number> {
  await waitAtGate(gate);
  return await Counter.remote(5).value.remote();
});
