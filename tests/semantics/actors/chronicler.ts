import { type ActorHandle, getRuntimeContext, type ObjectRef, remote } from '@heddle/actors';
import { count, writeLog } from '../../support/gate.ts';
import { outcomeOf } from './victim.ts';

/** Where what began is written down: how often by number, and in which order. */
export interface Chronicle {
  readonly tally: SharedArrayBuffer;
  readonly log: SharedArrayBuffer;
}

/** An entry of the log: in which life of the actor the call of that number began. */
export const LIFE = 1_000_000;

/** Writes down every call that begins. */
export const Chronicler = remote(
  import.meta,
  class Chronicler {
    note(number: number, { tally, log }: Chronicle): number {
      count(tally, number);
      writeLog(log, getRuntimeContext().restartCount * LIFE + number);
      return number;
    }

    async noteAndWait(number: number, chronicle: Chronicle): Promise<number> {
      this.note(number, chronicle);
      await new Promise(setImmediate);
      return number;
    }

    exit(code: number): void {
      process.exit(code);
    }
  },
);

/** The same, one call at a time, and none of them async. */
export const PlainChronicler = remote(
  import.meta,
  class PlainChronicler {
    note(number: number, { tally, log }: Chronicle): number {
      count(tally, number);
      writeLog(log, getRuntimeContext().restartCount * LIFE + number);
      return number;
    }

    noteAndWait(number: number, chronicle: Chronicle): Promise<number> {
      this.note(number, chronicle);
      return new Promise((resolve) => {
        setImmediate(() => resolve(number));
      });
    }

    exit(code: number): void {
      process.exit(code);
    }
  },
);

export type ChroniclerHandle = ActorHandle<typeof PlainChronicler>;

/** Calls every other time a method that outlasts its turn. */
export function noteMany(
  subject: ChroniclerHandle,
  from: number,
  amount: number,
  chronicle: Chronicle,
): ObjectRef<number>[] {
  return Array.from({ length: amount }, (_, at) =>
    (at % 2 === 0 ? subject.note : subject.noteAndWait).remote(from + at, chronicle),
  );
}

/** One more caller. */
export const ChronicleCaller = remote(
  import.meta,
  class ChronicleCaller {
    readonly #refs: ObjectRef<number>[] = [];

    call(subject: ChroniclerHandle, from: number, amount: number, chronicle: Chronicle): void {
      this.#refs.push(...noteMany(subject, from, amount, chronicle));
    }

    async outcomes(): Promise<string[]> {
      return await Promise.all(this.#refs.map(outcomeOf));
    }
  },
);
