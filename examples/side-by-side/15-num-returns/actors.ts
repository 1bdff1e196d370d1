import { type MethodDeclaration, method, remote } from 'heddle';

export const Surveyor = remote(
  import.meta,
  class Surveyor {
    static methods: Record<string, MethodDeclaration> = { measure: method({ numReturns: 3 }) };

    measure(): readonly string[] {
      return ['height', 'width', 'depth'];
    }

    double(what: string): string {
      return `${what} twice`;
    }

    note(): void {}
  },
);
