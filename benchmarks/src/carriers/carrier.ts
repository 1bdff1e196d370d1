/**
 * One way to call a function with state in another thread: Heddle, bare `postMessage`, or another library.
 *
 * A carrier ends with its process. Every carrier does the same work: the receiver checks the value, counts the
 * call, and answers how many there were.
 */
import type { RuntimeOptions } from 'heddle';

export interface Carrier {
  /** Makes the receiver take `value`; gives the number of calls it has taken, this one included. */
  take(value: unknown): PromiseLike<number>;
}

export interface CarrierOptions {
  /** Whether the receiver's function is asynchronous and waits for a promise before it answers. */
  readonly isAsync: boolean;
  /** Heddle's `latency` mode; the default of the build when it is not given. */
  readonly latency?: RuntimeOptions['latency'];
}

export type OpenCarrier = (options: CarrierOptions) => Promise<Carrier>;
