import { remote } from '@heddle/actors';

/** An actor that does nothing, or holds its whole thread up: it stands where only supervisors should. */
export class IdleActor {
  ping(): void {}

  block(forMs: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
  }
}

export const RemoteIdleActor = remote(import.meta, IdleActor);
