import { type ActorHandle, remote } from '@heddle/actors';
import { registerErrorClass } from '@heddle/base';

export class QuotaError extends Error {
  override readonly name = 'QuotaError';
  readonly code = 'E_QUOTA';
  readonly quota: number;

  constructor(quota: number, cause?: unknown) {
    super(`quota of ${quota} used up`, { cause });
    this.quota = quota;
  }
}
registerErrorClass(QuotaError);

class UnknownError extends TypeError {
  override readonly name = 'UnknownError';
}

/** Throws all kinds of things. */
export const Thrower = remote(
  import.meta,
  class Thrower {
    range(message: string): never {
      throw new RangeError(message);
    }

    quota(quota: number): never {
      throw new QuotaError(quota, new SyntaxError('the reason'));
    }

    unregistered(): never {
      throw Object.assign(new UnknownError('who knows'), { detail: { list: [1, 2] } });
    }

    value(thrown: unknown): never {
      throw thrown;
    }

    callback(): never {
      throw () => {};
    }

    async later(message: string): Promise<never> {
      await Promise.resolve();
      throw new RangeError(message);
    }

    async through(other: ActorHandle<typeof Thrower>, message: string): Promise<never> {
      return await other.range.remote(message);
    }

    async throughTwo(
      other: ActorHandle<typeof Thrower>,
      last: ActorHandle<typeof Thrower>,
      message: string,
    ): Promise<never> {
      return await other.through.remote(last, message);
    }

    async askTheDead(dead: ActorHandle<typeof Thrower>): Promise<unknown> {
      return await dead.range.remote('never runs');
    }

    /** An error whose own fields cannot be read. */
    hostile(): never {
      throw Object.defineProperty(new Error('hostile'), 'field', {
        enumerable: true,
        get() {
          throw new Error('unreadable');
        },
      });
    }

    /** Looks like a promise, and is none. */
    badThenable(kind: 'getter' | 'throws' | 'twice'): unknown {
      switch (kind) {
        case 'getter':
          return Object.defineProperty({}, 'then', {
            get() {
              throw new Error('no then');
            },
          });
        case 'throws':
          return {
            // biome-ignore lint/suspicious/noThenProperty: a bad thenable is what is needed here.
            then() {
              throw new Error('then threw');
            },
          };
        case 'twice':
          return {
            // biome-ignore lint/suspicious/noThenProperty: a bad thenable is what is needed here.
            then(onValue: (value: unknown) => void, onFailure: (error: unknown) => void) {
              onValue('first');
              onValue('second');
              onFailure(new Error('third'));
            },
          };
      }
    }
  },
);
