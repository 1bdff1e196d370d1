import { remote } from 'heddle';

export const Account = remote(
  import.meta,
  class Account {
    readonly #balance: number;

    constructor(balance: number) {
      if (balance < 0) throw new RangeError(`a balance of ${balance}`);
      this.#balance = balance;
    }

    read(): number {
      return this.#balance;
    }
  },
);

export const Bank = remote(
  import.meta,
  class Bank {
    lookUp(name: string): number {
      throw new Error(`no account of ${name}`);
    }
  },
);
