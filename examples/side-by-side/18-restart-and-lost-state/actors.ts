import { getRuntimeContext, type MethodDeclaration, method, remote } from 'heddle';

export const Counter = remote(
  import.meta,
  class Counter {
    static methods: Record<string, MethodDeclaration> = { crash: method({ maxTaskRetries: 0 }) };

    #count: number;

    constructor(start: number) {
      this.#count = start;
    }

    add(): number {
      return ++this.#count;
    }

    wasRestarted(): boolean {
      return getRuntimeContext().restartCount > 0;
    }

    crash(): void {
      process.exit(1); // Ends the thread, and every actor on it.
    }
  },
);
