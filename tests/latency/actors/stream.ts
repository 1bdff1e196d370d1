import { type ActorHandle, remote } from '@heddle/actors';
import { realClock } from '@heddle/base';

/** Takes a stream of calls, and tells how its thread fared meanwhile. */
export const Sink = remote(
  import.meta,
  class Sink {
    #fired = 0;
    #timer: Disposable | undefined;
    #cpuAtStart = process.threadCpuUsage();

    take(): void {}

    startTimer(everyMs: number): void {
      this.#cpuAtStart = process.threadCpuUsage();
      this.#timer = realClock.every(everyMs, () => this.#fired++);
    }

    /** What the thread has had of a processor since `startTimer`. */
    processorMs(): number {
      const { user, system } = process.threadCpuUsage(this.#cpuAtStart);
      return (user + system) / 1_000;
    }

    /** How often it fired, and what the thread has had of a processor meanwhile. */
    stopTimer(): { readonly fired: number; readonly processorMs: number } {
      this.#timer?.[Symbol.dispose]();
      return { fired: this.#fired, processorMs: this.processorMs() };
    }
  },
);

/** Streams calls to another actor as many at a time as it is told, until it is stopped. */
export const Source = remote(
  import.meta,
  class Source {
    #isOn = true;

    async stream(to: ActorHandle<typeof Sink>, atOnce: number): Promise<number> {
      let calls = 0;
      while (this.#isOn) {
        const refs = [];
        for (let call = 0; call < atOnce; call++) refs.push(to.take.remote());
        for (const ref of refs) await ref;
        calls += atOnce;
      }
      return calls;
    }

    async ready(): Promise<void> {}

    async stop(): Promise<void> {
      this.#isOn = false;
    }
  },
);
