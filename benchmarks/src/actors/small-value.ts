/** The actors and functions of Ray's microbenchmark. */
import { type ActorHandle, get, put, remote } from 'heddle';

class SmallValueActor {
  smallValue(): string {
    return 'ok';
  }

  smallValueArg(_x: number): string {
    return 'ok';
  }
}

class AsyncSmallValueActor {
  async smallValue(): Promise<string> {
    return 'ok';
  }

  async smallValueWithArg(_x: number): Promise<string> {
    return 'ok';
  }
}

/** @throws Error for an answer that is none. Gives how many there were. */
function check(answers: readonly string[]): number {
  if (!answers.every((each) => each === 'ok')) throw new Error('Cannot trust this arm: a wrong answer');
  return answers.length;
}

class ClientActor {
  readonly #servers: readonly ActorHandle<SmallValueActor>[];

  constructor(servers: readonly ActorHandle<SmallValueActor>[]) {
    this.#servers = servers;
  }

  async smallValueBatch(n: number): Promise<number> {
    return check(
      await get(this.#servers.flatMap((server) => Array.from({ length: n }, () => server.smallValue.remote()))),
    );
  }

  async smallValueBatchArg(n: number): Promise<number> {
    const x = put(0);
    return check(
      await get(this.#servers.flatMap((server) => Array.from({ length: n }, () => server.smallValueArg.remote(x)))),
    );
  }
}

export const SmallValue = remote(import.meta, SmallValueActor);
export const AsyncSmallValue = remote(import.meta, AsyncSmallValueActor);
export const Client = remote(import.meta, ClientActor);
export const smallValue = remote(import.meta, function smallValue(): string {
  return 'ok';
});
export const createObjectContainingRefs = remote(import.meta, function createObjectContainingRefs() {
  return Array.from({ length: 10_000 }, () => put(1));
});
