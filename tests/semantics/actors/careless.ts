import { type ActorHandle, getActor, kill, ObjectRef, remote } from '@heddle/actors';
import type { Counter } from './counter.ts';

/** Gives the runtime what it should refuse. */
export const Careless = remote(
  import.meta,
  class Careless {
    async findBy(name: 'function' | 'number' | 'empty'): Promise<unknown> {
      const names = { function: () => {}, number: 7, empty: '' };
      return await getActor(names[name] as string);
    }

    async findIn(namespace: 'function' | 'number'): Promise<unknown> {
      const namespaces = { function: () => {}, number: 7 };
      return await getActor('name', namespaces[namespace] as unknown as string);
    }

    async killNothing(): Promise<void> {
      await kill({});
    }

    /** Calls another actor from inside a getter of an argument. */
    async callInGetter(counter: ActorHandle<typeof Counter>): Promise<string> {
      const outer = counter.increment.remote({
        get field() {
          return counter.increment.remote(100);
        },
      } as unknown as number);
      return await outer.then(String, (error) => (error as Error).message);
    }

    isRef(value: unknown): boolean {
      return value instanceof ObjectRef;
    }
  },
);
