import { type MethodDeclaration, method, remote } from 'heddle';

export const Office = remote(
  import.meta,
  class Office {
    static methods: Record<string, MethodDeclaration> = {
      dig: method({ concurrencyGroup: 'slow' }),
      untilHeld: method({ concurrencyGroup: 'quick' }),
      whoBegan: method({ concurrencyGroup: 'quick' }),
    };

    readonly #began: string[] = [];
    readonly #held = Promise.withResolvers<void>();
    readonly #opened = Promise.withResolvers<void>();

    async dig(name: string): Promise<string> {
      this.#began.push(name);
      this.#held.resolve();
      await this.#opened.promise;
      return name;
    }

    async untilHeld(): Promise<void> {
      await this.#held.promise;
    }

    async whoBegan(): Promise<readonly string[]> {
      return this.#began;
    }

    async open(): Promise<void> {
      this.#opened.resolve();
    }
  },
);
