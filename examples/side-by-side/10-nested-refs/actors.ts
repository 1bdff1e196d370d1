import { get, ObjectRef, remote } from 'heddle';

export const Gate = remote(
  import.meta,
  class Gate {
    readonly #opened = Promise.withResolvers<void>();

    async wait(value: number): Promise<number> {
      await this.#opened.promise;
      return value;
    }

    async open(): Promise<void> {
      this.#opened.resolve();
    }
  },
);

export const Accountant = remote(
  import.meta,
  class Accountant {
    #bills: readonly ObjectRef<number>[] = [];

    take(direct: number, { bills }: { readonly bills: readonly ObjectRef<number>[] }): string {
      this.#bills = bills;
      return [direct, ...bills].map((bill) => (bill instanceof ObjectRef ? 'ref' : 'value')).join(' ');
    }

    async total(): Promise<number> {
      return (await get(this.#bills)).reduce((sum, bill) => sum + bill, 0);
    }

    firstBill(): readonly ObjectRef<number>[] {
      return [this.#bills[0]!];
    }
  },
);
