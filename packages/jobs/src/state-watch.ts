/**
 * Looks after the ground that the manager stands on, once a period: whether the directory can be written and has
 * room, whether the launcher's journal works, and whether tables that refused a write take one again.
 */
import { access, constants, statfs } from 'node:fs/promises';
import type { Clock, Timer } from '@heddle/base';
import { isStopped, type LauncherClient } from '@heddle/launcher';
import { Limit } from './limit.ts';
import type { ManagerFacts } from './problems.ts';
import { NOT_IN_PLACE } from './state-directory.ts';

export interface StateWatchParts {
  readonly directory: string;
  /** Whether the tables that are open are still those in the directory. */
  readonly isInPlace: () => boolean;
  readonly periodMs: number;
  /** A launcher that has not answered for so long is told of. */
  readonly patienceMs: number;
  readonly clock: Clock;
  /** Undefined while there is none. */
  readonly launcher: () => Pick<LauncherClient, 'pid' | 'status'> | undefined;
  /** Writes something durable that nobody reads. */
  readonly probe: () => Promise<unknown>;
}

type Facts = Pick<
  ManagerFacts,
  'journalFailure' | 'storageFailure' | 'directoryFailure' | 'freeBytes' | 'silentLauncher'
>;
type LauncherFacts = Pick<Facts, 'journalFailure' | 'silentLauncher'>;

const NOTHING_OF_LAUNCHER: LauncherFacts = { journalFailure: null, silentLauncher: undefined };

export class StateWatch implements Disposable {
  readonly #parts: StateWatchParts;
  readonly #rounds: Timer;
  #facts: Facts = {
    ...NOTHING_OF_LAUNCHER,
    storageFailure: null,
    directoryFailure: undefined,
    freeBytes: undefined,
  };
  /** What the launcher was asked and has not answered yet: one that is silent is not asked again. */
  #asked: Promise<LauncherFacts> | undefined;
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
    const { directory, isInPlace, probe } = this.#parts;
    const [accessFailure, freeBytes, launcherFacts, storageFailure] = await Promise.all([
      access(directory, constants.W_OK).then(() => undefined, messageOf),
      statfs(directory).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => undefined,
      ),
      this.#askLauncher(),
      this.#facts.storageFailure === null ? null : probe().then(() => null, messageOf),
    ]);
    const directoryFailure = accessFailure ?? (isInPlace() ? undefined : NOT_IN_PLACE);
    this.#facts = { ...launcherFacts, storageFailure, directoryFailure, freeBytes };
  }

  /** Waits for its answer the first time; for one that did not come in time nobody waits again. */
  async #askLauncher(): Promise<LauncherFacts> {
    const { clock, patienceMs } = this.#parts;
    const launcher = this.#parts.launcher();
    if (launcher === undefined) return NOTHING_OF_LAUNCHER;
    using limit = new Limit(clock, this.#asked === undefined ? patienceMs : 0);
    this.#asked ??= factsOf(launcher).finally(() => {
      this.#asked = undefined;
    });
    const answer = await Promise.race([this.#asked, limit.reached]);
    if (answer !== 'limit') return answer;
    return { journalFailure: null, silentLauncher: { pid: launcher.pid, isStopped: isStopped(launcher.pid) } };
  }
}

const factsOf = (launcher: Pick<LauncherClient, 'status'>): Promise<LauncherFacts> =>
  launcher.status().then(
    ({ journal }) => ({ journalFailure: journal.failure, silentLauncher: undefined }),
    () => NOTHING_OF_LAUNCHER, // One that is gone is told of elsewhere.
  );

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
