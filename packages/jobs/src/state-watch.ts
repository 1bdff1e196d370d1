/**
 * Looks after the ground that the manager stands on, once a period: whether the directory can be written and has
 * room, whether the launcher's journal works, and whether tables that refused a write take one again.
 */
import { access, constants, statfs } from 'node:fs/promises';
import type { Clock, Timer } from '@heddle/base';
import type { LauncherStatus } from '@heddle/launcher';
import type { ManagerFacts } from './problems.ts';

export interface StateWatchParts {
  readonly directory: string;
  /** Whether the tables that are open are still those in the directory. */
  readonly isInPlace: () => boolean;
  readonly periodMs: number;
  readonly clock: Clock;
  /** Undefined while there is no launcher. */
  readonly launcherStatus: () => Promise<LauncherStatus> | undefined;
  /** Writes something durable that nobody reads. */
  readonly probe: () => Promise<unknown>;
}

export const NOT_IN_PLACE =
  'it was removed or replaced while this daemon works in it, so nothing that is written now would last; put it back, or start the daemon anew';

type Facts = Pick<ManagerFacts, 'journalFailure' | 'storageFailure' | 'directoryFailure' | 'freeBytes'>;

export class StateWatch implements Disposable {
  readonly #parts: StateWatchParts;
  readonly #rounds: Timer;
  #facts: Facts = { journalFailure: null, storageFailure: null, directoryFailure: undefined, freeBytes: undefined };
  #looking: Promise<void> | undefined;

  constructor(parts: StateWatchParts) {
    this.#parts = parts;
    this.#rounds = parts.clock.every(parts.periodMs, () => void this.look(), { background: true });
  }

  get facts(): Facts {
    return this.#facts;
  }

  /** A write to the tables has failed. It counts until one works. */
  storageFailed(error: unknown): void {
    this.#facts = { ...this.#facts, storageFailure: messageOf(error) };
  }

  /** One look; who asks while one is under way gets that one. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  [Symbol.dispose](): void {
    this.#rounds.cancel();
  }

  async #look(): Promise<void> {
    const { directory, isInPlace, launcherStatus, probe } = this.#parts;
    const [accessFailure, freeBytes, journalFailure, storageFailure] = await Promise.all([
      access(directory, constants.W_OK).then(() => undefined, messageOf),
      statfs(directory).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => undefined,
      ),
      Promise.resolve(launcherStatus()).then(
        (status) => status?.journal.failure ?? null,
        () => null, // A launcher that is gone is told of elsewhere.
      ),
      this.#facts.storageFailure === null ? null : probe().then(() => null, messageOf),
    ]);
    const directoryFailure = accessFailure ?? (isInPlace() ? undefined : NOT_IN_PLACE);
    this.#facts = { journalFailure, storageFailure, directoryFailure, freeBytes };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
