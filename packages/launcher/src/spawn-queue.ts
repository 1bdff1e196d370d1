/**
 * Spawns one after the other, a few in each turn of the loop.
 *
 * A spawn blocks the whole process for about a millisecond. Hundreds of claims become durable at once; in between
 * their spawns the launcher goes on telling of ends and answering. What one turn starts shares one fsync.
 */
import { nextTurn } from './turn.ts';

const SPAWNS_PER_TURN = 4;

export class SpawnQueue {
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;

  /** Resolves when it is the caller's turn to spawn. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      for (const go of this.#waiting.splice(0, SPAWNS_PER_TURN)) go();
      await nextTurn();
    }
    this.#isRunning = false;
  }
}
