import {
  ActorDiedError,
  type ActorHandle,
  exitActor,
  get,
  getActor,
  getRuntimeContext,
  kill,
  type ObjectRef,
  put,
  type RuntimeContext,
  remote,
} from '@heddle/actors';
import { blockAtFileGate, holdOpen, noteAtGate } from '../../support/file-gate.ts';
import { Counter } from './counter.ts';
import { echo, square } from './tasks.ts';

/** What became of a call: its value, or whether it had begun. */
export type Outcome = number | 'began' | 'never began';

/** All ways in which an actor, or the process of one, can end. */
export type End = 'abort' | 'exit' | 'uncaught' | 'rejection' | 'map' | 'spin' | 'sigkill';

const ENDS: Readonly<Record<End, () => void>> = {
  abort: () => process.abort(),
  exit: () => process.exit(3),
  uncaught: () => {
    setImmediate(() => {
      throw new RangeError('thrown outside a call');
    });
  },
  rejection: () => {
    void Promise.reject(new RangeError('rejected outside a call'));
  },
  sigkill: () => {
    process.kill(process.pid, 'SIGKILL');
  },
  spin: () => {
    for (;;);
  },
  map: () => {
    const hoard = new Map<number, number>();
    for (let key = 0; ; key++) hoard.set(key, key);
  },
};

/** An actor for a process of its own. */
export const Hermit = remote(
  import.meta,
  class Hermit {
    #calls = 0;
    #kept: unknown;
    readonly #first: unknown;

    constructor(first?: unknown) {
      if (first === 'throw') throw new RangeError('thrown in the constructor');
      this.#first = first;
    }

    pid(): number {
      return process.pid;
    }

    first(): unknown {
      return this.#first;
    }

    count(): number {
      return ++this.#calls;
    }

    context(): Partial<RuntimeContext> {
      const { signal: _, ...context } = getRuntimeContext();
      return context;
    }

    echo<T>(value: T): T {
      return value;
    }

    areOne(left: unknown, right: unknown): boolean {
      return left === right;
    }

    keep(value: unknown): void {
      this.#kept = value;
    }

    letGo(): void {
      (this.#kept as { release(): void }).release();
      this.#kept = undefined;
    }

    /** Something of this process alone. */
    own(kind: 'shared memory' | 'function' | 'blob'): unknown {
      switch (kind) {
        case 'shared memory':
          return { list: [new Uint8Array(new SharedArrayBuffer(4))] };
        case 'function':
          return { list: [() => {}] };
        case 'blob':
          return { list: [new Blob(['x'])] };
      }
    }

    /** Notes the call; the one numbered `stopAt` then blocks the process at the gate. */
    run(index: number, gate: string, stopAt: number): number {
      noteAtGate(gate, index);
      if (index === stopAt) blockAtFileGate(gate);
      return index;
    }

    /** For as long as its process lives. */
    holdOpen(gate: string): void {
      holdOpen(gate);
    }

    say(...lines: string[]): void {
      for (const line of lines) console.log(line);
    }

    /** Past the console. */
    write(text: string, isError = false): void {
      (isError ? process.stderr : process.stdout).write(text);
    }

    fail(message: string): never {
      throw new RangeError(message, { cause: new SyntaxError('the reason') });
    }

    end(how: End, words?: string): void {
      if (words !== undefined) console.log(words);
      this.#end(how);
    }

    endLater(how: End): void {
      setImmediate(() => this.#end(how));
    }

    #end(how: End): void {
      ENDS[how]();
    }

    leave(): never {
      exitActor();
    }

    onShutdown(): void {
      console.log('shut down');
    }
  },
);

/** A caller of others, wherever it lives. */
export const Visitor = remote(
  import.meta,
  class Visitor {
    #own: ActorHandle<typeof Counter> | undefined;

    pid(): number {
      return process.pid;
    }

    async increment(box: { readonly deep: readonly [ActorHandle<typeof Counter>] }): Promise<number> {
      return await box.deep[0].increment.remote();
    }

    async pidOf(other: ActorHandle<typeof Hermit>): Promise<number> {
      return await other.pid.remote();
    }

    /** Calls so often without waiting, and says what became of each. */
    async runMany(
      hermit: ActorHandle<typeof Hermit>,
      indices: readonly number[],
      gate: string,
      stopAt: number,
    ): Promise<Outcome[]> {
      const refs = indices.map((index) => hermit.run.remote(index, gate, stopAt));
      return await Promise.all(refs.map((ref) => outcomeOf(ref)));
    }

    async make(start: number): Promise<ActorHandle<typeof Counter>> {
      this.#own = Counter.options({ name: 'made by a visitor' }).remote(start);
      await this.#own.value.remote();
      return this.#own;
    }

    async makeApart(): Promise<number> {
      using apart = Hermit.options({ isolation: 'process' }).remote();
      return await apart.pid.remote();
    }

    async find(name: string): Promise<number> {
      return await (await getActor<typeof Counter>(name)).increment.remote();
    }

    async killThat(handle: object): Promise<void> {
      await kill(handle);
    }

    async failOf(hermit: ActorHandle<typeof Hermit>): Promise<never> {
      return await hermit.fail.remote('two hops away');
    }

    /** Runs a task. */
    async squareOf(x: number): Promise<number> {
      return await square.remote(x);
    }

    async echoOf(value: unknown): Promise<unknown> {
      return await echo.remote(value);
    }

    note(gate: string, note: number): void {
      noteAtGate(gate, note);
    }

    put(value: unknown): { readonly ref: ObjectRef } {
      return { ref: put(value) };
    }

    async sum(box: { readonly ref: ObjectRef<Uint8Array> }): Promise<number> {
      return (await get(box.ref)).reduce((left, right) => left + right, 0);
    }

    /** Waits until it is cancelled. */
    async waitForCancel(): Promise<string> {
      const { signal } = getRuntimeContext();
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => resolve());
      await promise;
      return 'cancelled';
    }
  },
);

export async function outcomeOf(ref: PromiseLike<number>): Promise<Outcome> {
  try {
    return await ref;
  } catch (error) {
    if (!(error instanceof ActorDiedError)) throw error;
    return error.began ? 'began' : 'never began';
  }
}
