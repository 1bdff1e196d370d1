/**
 * What concerns a thread and no actor: comlink carries it over a port of its own.
 *
 * Comlink's pending calls never settle when the thread dies, so every call is raced against its exit.
 */
import type { MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { WorkerCrashedError } from './errors.ts';

/**
 * What carries control calls; it does not keep the program alive. Comlink's `Endpoint` in Node's words: comlink's own
 * declarations need the browser's, which a program that uses Heddle may not have.
 */
export interface ControlEndpoint {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  addEventListener(type: string, listener: (event: never) => void): void;
  removeEventListener(type: string, listener: (event: never) => void): void;
  start?(): void;
  unref(): void;
}

/** Node's ports are event targets, which is all that comlink asks for. */
export const toEndpoint = (port: MessagePort): ControlEndpoint => port as unknown as ControlEndpoint;

/** The calls a thread answers about itself. */
export interface ThreadControl {
  /** Answers when the thread's loop turns. */
  ping(): number;
  stats(): ThreadStats;
  /** Keeps a port under a name for the actors of the thread (`threadPort`). */
  provide(name: string, port: MessagePort): void;
}

export interface ThreadStats {
  readonly actors: number;
  readonly links: number;
  readonly pendingCalls: number;
  readonly heapUsed: number;
}

export function serveControl(control: ThreadControl, endpoint: ControlEndpoint): void {
  Comlink.expose(control, endpoint as unknown as Comlink.Endpoint);
  endpoint.unref(); // Listening has made it count.
}

/** The driver's side of one thread's control. */
export class ControlClient {
  readonly #remote: Comlink.Remote<ThreadControl>;
  readonly #workerId: string;
  readonly #pending = new Set<(error: Error) => void>();
  #hasExited = false;

  constructor(workerId: string, endpoint: ControlEndpoint) {
    this.#workerId = workerId;
    this.#remote = Comlink.wrap<ThreadControl>(endpoint as unknown as Comlink.Endpoint);
    endpoint.unref();
  }

  /** @throws WorkerCrashedError when the thread ends before it answers; so do the other calls. */
  ping(): Promise<number> {
    return this.#race('ping', () => this.#remote.ping());
  }

  stats(): Promise<ThreadStats> {
    return this.#race('stats', () => this.#remote.stats());
  }

  provide(name: string, port: MessagePort): Promise<void> {
    return this.#race('provide', () => this.#remote.provide(name, Comlink.transfer(port, [port as never])));
  }

  /** The thread has ended: whatever was asked is not answered any more. */
  exited(): void {
    this.#hasExited = true;
    for (const fail of this.#pending) fail(this.#crash('a pending call'));
    this.#pending.clear();
  }

  async #race<T>(call: string, ask: () => Promise<T>): Promise<T> {
    if (this.#hasExited) throw this.#crash(call);
    const { promise, reject } = Promise.withResolvers<never>();
    this.#pending.add(reject);
    try {
      return await Promise.race([ask(), promise]);
    } finally {
      this.#pending.delete(reject);
    }
  }

  #crash(call: string): WorkerCrashedError {
    return new WorkerCrashedError(
      `Cannot get an answer to ${call} from worker "${this.#workerId}": its thread has ended`,
    );
  }
}
