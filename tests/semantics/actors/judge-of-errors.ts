import { registerErrorClass, remote } from '@heddle/actors';

export class Refusal extends RangeError {
  readonly code = 'REFUSAL';
}
registerErrorClass(Refusal);

/** Tells of errors that it is given whether they are of the class that its module registers. */
export const JudgeOfErrors = remote(
  import.meta,
  class JudgeOfErrors {
    readonly #given: unknown;

    constructor(given: unknown) {
      this.#given = given;
    }

    wasRefused(): boolean {
      return this.#given instanceof Refusal;
    }

    isRefusal(error: unknown): boolean {
      return error instanceof Refusal;
    }
  },
);

export const isRefusal = remote(import.meta, function isRefusal(error: unknown): boolean {
  return error instanceof Refusal;
});
