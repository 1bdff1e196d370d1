import { type ActorHandle, remote } from 'heddle';

/** A class that speaks of handles of itself names its own methods: TypeScript could not infer them in a circle. */
interface Colleague {
  factorial(n: number): Promise<number>;
  isEven(n: number): Promise<boolean>;
}

export const Mathematician = remote(
  import.meta,
  class Mathematician implements Colleague {
    #me: ActorHandle<Colleague> | undefined;
    #other: ActorHandle<Colleague> | undefined;

    async introduce(me: ActorHandle<Colleague>, other: ActorHandle<Colleague>): Promise<void> {
      this.#me = me;
      this.#other = other;
    }

    async factorial(n: number): Promise<number> {
      return n === 0 ? 1 : n * (await this.#me!.factorial.remote(n - 1));
    }

    async isEven(n: number): Promise<boolean> {
      return n === 0 ? true : !(await this.#other!.isEven.remote(n - 1));
    }
  },
);
