import { remote } from '@heddle/actors';

const LIMIT_MS = 60_000;

/** An actor that does nothing, or holds its whole thread up: it stands where only supervisors should. */
export class IdleActor {
  ping(): void {}

  /** Until the first word of `memory` is another than 0. */
  block(memory: SharedArrayBuffer): void {
    if (Atomics.wait(new Int32Array(memory), 0, 0, LIMIT_MS) === 'timed-out') throw new Error('nobody ended the block');
  }
}

export const RemoteIdleActor = remote(import.meta, IdleActor);
