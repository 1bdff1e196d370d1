import { LockedError } from './errors.ts';
import { HeldLock, type LockHolder, readLockHolder } from './held-lock.ts';

/**
 * A lock file between processes and threads, free at once when its holder dies, even by `kill -9`
 * (`held-lock.ts` says how). Beside it stands `<file>.holder`; disposing removes both.
 */
export class FileLock implements Disposable {
  readonly #lock: HeldLock;

  /**
   * Takes the lock at once or not at all. The file's directory must exist.
   *
   * @throws LockedError, naming the holder, when another process or this one has it; the system's error when the
   * file cannot be used.
   */
  static acquire(file: string, holder: LockHolder): FileLock {
    const lock = HeldLock.take(file, holder);
    if (lock === undefined) throw new LockedError(file, readLockHolder(file));
    return new FileLock(lock);
  }

  private constructor(lock: HeldLock) {
    this.#lock = lock;
  }

  /** Lets go. Twice is fine. */
  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}
