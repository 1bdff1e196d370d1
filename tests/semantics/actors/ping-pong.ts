import { type ActorHandle, remote } from '@heddle/actors';

/** Two of them call each other without end, and count in shared memory. */
export const PingPong = remote(
  import.meta,
  class PingPong {
    #partner: ActorHandle<typeof PingPong> | undefined;
    #isPlaying = true;

    meet(partner: ActorHandle<typeof PingPong>): void {
      this.#partner = partner;
    }

    /** Counts the exchange, wakes whoever waits for the last one, and plays the ball back. */
    hit(memory: SharedArrayBuffer, last: number): void {
      const words = new Int32Array(memory);
      if (Atomics.add(words, 0, 1) + 1 === last) {
        Atomics.store(words, 1, 1);
        Atomics.notify(words, 1);
      }
      if (this.#isPlaying) this.#partner!.hit.remote(memory, last);
    }

    stop(): void {
      this.#isPlaying = false;
    }

    timerFires(): Promise<boolean> {
      return new Promise((resolve) => {
        setTimeout(() => resolve(true), 1);
      });
    }
  },
);
