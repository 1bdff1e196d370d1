import { type ActorHandle, exitActor, getRuntimeContext, method, type Queue, remote, transfer } from '@heddle/actors';
import { blockAtGate, count, waitAtGate } from '../../support/gate.ts';

class AllTradesActor {
  static methods = {
    inIo: method({ concurrencyGroup: 'io' }),
    flaky: method({ maxTaskRetries: 2, retryExceptions: [RangeError] }),
  };
  #runs = 0;
  #kept: ActorHandle<typeof AllTrades> | undefined;

  runs(): number {
    return this.#runs;
  }

  async waitAt(gate: SharedArrayBuffer): Promise<string> {
    this.#runs++;
    await waitAtGate(gate);
    return 'through';
  }

  async inIo(gate: SharedArrayBuffer): Promise<string> {
    await waitAtGate(gate);
    return 'io';
  }

  flaky(failures: number, kind: string): number {
    this.#runs++;
    if (this.#runs <= failures) throw kind === 'range' ? new RangeError('again') : new TypeError('never again');
    return this.#runs;
  }

  list(length: number): number[] {
    return Array.from({ length }, (_, index) => index);
  }

  async untilAborted(gate: SharedArrayBuffer): Promise<string> {
    const { signal } = getRuntimeContext();
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await waitAtGate(gate); // Open already: it only tells of the arrival.
    await aborted;
    return 'aborted';
  }

  async relayUntilAborted(other: ActorHandle<typeof AllTrades>, gate: SharedArrayBuffer): Promise<string> {
    return await other.untilAborted.remote(gate);
  }

  bytes(view: Uint8Array): number {
    return view.byteLength;
  }

  movedBytes(): Uint8Array {
    const view = new Uint8Array([1, 2, 3]);
    return transfer(view, [view.buffer]);
  }

  keep(handle: ActorHandle<typeof AllTrades>): void {
    this.#kept = handle;
  }

  async useKept(): Promise<number> {
    return await this.#kept!.runs.remote();
  }

  dropKept(): void {
    this.#kept!.release();
  }

  print(text: string): void {
    console.log(text);
  }

  printAndDie(text: string): void {
    console.error(text);
    process.exit(1);
  }

  leave(): void {
    exitActor();
  }

  /** Small objects without end: an allocation that V8 refuses instead of aborting the process. */
  hog(): never {
    let last: object | undefined;
    for (;;) last = { last };
  }

  block(gate: SharedArrayBuffer): void {
    blockAtGate(gate);
  }

  async takeAll(queue: Queue<number>, count: number): Promise<number[]> {
    const taken: number[] = [];
    while (taken.length < count) taken.push(await queue.get());
    return taken;
  }

  threadContext(): { taskId: string | undefined; workerId: string } {
    const { taskId, workerId } = getRuntimeContext();
    return { taskId, workerId };
  }
}

export const AllTrades = remote(import.meta, AllTradesActor);

/** Counts the runs of its hook in shared memory. */
class HookedActor {
  readonly #hooks: SharedArrayBuffer;
  constructor(hooks: SharedArrayBuffer) {
    this.#hooks = hooks;
  }

  call(): number {
    return 1;
  }

  leave(): void {
    exitActor();
  }

  async onShutdown(): Promise<void> {
    count(this.#hooks, 0);
  }
}

export const Hooked = remote(import.meta, HookedActor);
