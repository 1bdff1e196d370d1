import { ActorDiedError, type ActorHandle, type ObjectRef, remote, TaskError } from '@heddle/actors';
import { blockAtGate, count } from '../../support/gate.ts';

/** Ways to end a thread from inside, in a turn after the call that asks for it. */
export const INSIDE_DEATHS = {
  'uncaught exception': () => {
    throw new Error('thrown outside a call');
  },
  'unhandled rejection': () => void Promise.reject(new Error('rejected outside a call')),
  'process.exit(0)': () => process.exit(0),
  'process.exit(3)': () => process.exit(3),
} as const;
export type InsideDeath = keyof typeof INSIDE_DEATHS;

/** Dies with its thread while many call it. */
export const Victim = remote(
  import.meta,
  class Victim {
    ready(): boolean {
      return true;
    }

    /** Arrives, and blocks the thread until the gate is open. */
    block(gate: SharedArrayBuffer): void {
      blockAtGate(gate);
    }

    dieLater(death: InsideDeath): void {
      setImmediate(INSIDE_DEATHS[death]);
    }

    /** Takes memory until there is none. */
    eat(): number {
      const eaten: number[][] = [];
      for (;;) eaten.push(new Array(10_000).fill(eaten.length + 0.5));
    }

    run(index: number, tally: SharedArrayBuffer): number {
      count(tally, index);
      return index;
    }

    hang(index: number, tally: SharedArrayBuffer): Promise<never> {
      count(tally, index);
      return new Promise(() => {});
    }
  },
);

/** What came of a call. */
export type Outcome = 'value' | 'began' | 'unbegun';

export async function outcomeOf(ref: PromiseLike<unknown>): Promise<Outcome | string> {
  try {
    await ref;
    return 'value';
  } catch (error) {
    const death = error instanceof TaskError ? error.cause : error;
    if (death instanceof ActorDiedError) return death.began ? 'began' : 'unbegun';
    return String(error);
  }
}

export type VictimHandle = ActorHandle<typeof Victim>;

/** Calls the victims by turns, without waiting, under the numbers from `from` on. */
export function callMany(
  victims: readonly VictimHandle[],
  from: number,
  amount: number,
  tally: SharedArrayBuffer,
): ObjectRef<number>[] {
  return Array.from({ length: amount }, (_, at) => victims[at % victims.length]!.run.remote(from + at, tally));
}

/** A caller on a thread of its own. */
export const Attacker = remote(
  import.meta,
  class Attacker {
    #refs: ObjectRef<number>[] = [];

    call(victims: readonly VictimHandle[], from: number, amount: number, tally: SharedArrayBuffer): void {
      this.#refs = callMany(victims, from, amount, tally);
    }

    async outcomes(): Promise<string[]> {
      return await Promise.all(this.#refs.map(outcomeOf));
    }
  },
);
