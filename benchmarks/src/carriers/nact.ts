/** Nact's actors live in the caller's thread: no isolation, no copy. Shown for what an actor without a thread costs. */
import { dispatch, query, type Ref, spawn, start } from 'nact';
import type { OpenCarrier } from './carrier.ts';
import { take } from './workers/count.ts';

interface Message {
  readonly value: unknown;
  readonly sender: Ref<number>;
}

export const open: OpenCarrier = async () => {
  const system = start();
  const counter = spawn(system, (_state: undefined, message: Message) => {
    dispatch(message.sender, take(message.value));
    return undefined;
  });
  return {
    take: (value) => query(counter, (sender: Ref<number>): Message => ({ value, sender }), 60_000) as Promise<number>,
  };
};
