import { remote } from 'heddle';

export const Register = remote(
  import.meta,
  class Register {
    readonly #entries: number[] = [];

    enter(who: number): void {
      this.#entries.push(who);
    }

    read(): readonly number[] {
      return this.#entries.toSorted();
    }
  },
);

export const Searcher = remote(
  import.meta,
  class Searcher {
    readonly #number: number;

    constructor(number: number) {
      this.#number = number;
    }

    async search(): Promise<void> {
      const register = Register.options({ name: 'register', getIfExists: true, lifetime: 'detached' }).remote();
      await register.enter.remote(this.#number);
    }
  },
);
