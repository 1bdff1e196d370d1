import { type MethodDeclaration, method, registerErrorClass, remote } from 'heddle';

export class Busy extends Error {
  override readonly name: string = 'Busy';
}
export class VeryBusy extends Busy {
  override readonly name = 'VeryBusy';
}
export class Closed extends Error {
  override readonly name = 'Closed';
}
for (const errorClass of [Busy, VeryBusy, Closed]) registerErrorClass(errorClass);

const ERRORS = new Map([
  ['busy', Busy],
  ['very busy', VeryBusy],
  ['closed', Closed],
]);

export const Hotline = remote(
  import.meta,
  class Hotline {
    static methods: Record<string, MethodDeclaration> = {
      call: method({ maxTaskRetries: 5, retryExceptions: [Busy] }),
    };

    readonly #answers: string[];
    #calls = 0;

    constructor(answers: readonly string[]) {
      this.#answers = [...answers];
    }

    call(): string {
      this.#calls++;
      const answer = this.#answers.shift()!;
      const Thrown = ERRORS.get(answer);
      if (Thrown !== undefined) throw new Thrown();
      return answer;
    }

    count(): number {
      return this.#calls;
    }
  },
);
