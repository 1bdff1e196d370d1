/**
 * What must compile and what must not: read by the compiler (`tsc -p tsconfig.check.json`) and never run. Each
 * `@ts-expect-error` fails the check when the line under it compiles.
 */
import {
  type ActorHandle,
  ActorPool,
  cancel,
  get,
  getActor,
  init,
  kill,
  method,
  type ObjectRef,
  type ObjectRefGenerator,
  Queue,
  type RemoteClass,
  type Runtime,
  remote,
  wait,
} from '@heddle/actors';
import { Counter } from './actors/counter.ts';
import type { PlainCounter } from './actors/plain.ts';
import { Thrower } from './actors/thrower.ts';

/** Compiles only when both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function isSame<_T extends true>(): void {}

const Typed = remote(
  import.meta,
  class Typed {
    readonly notAMethod = 1;

    constructor(readonly_: string, optional?: number) {
      this.echo(readonly_);
      this.optional(optional);
    }

    echo(text: string): string {
      return text;
    }

    optional(value?: number): number | undefined {
      return value;
    }

    onShutdown(): void {}

    rest(first: string, ...others: readonly boolean[]): number {
      return first.length + others.length;
    }

    async later(): Promise<{ readonly deep: readonly number[] }> {
      return { deep: [] };
    }

    passOn(other: ActorHandle<typeof Counter>): ActorHandle<typeof Counter> {
      return other;
    }

    protected hidden(): void {}

    private secret(): void {
      this.hidden();
    }

    reveal(): void {
      this.secret();
    }
  },
);

export async function constructors(): Promise<void> {
  Typed.remote('text');
  Typed.remote('text', 1);
  Typed.options({ name: 'n', maxRestarts: -1, lifetime: 'detached' }).remote('text');
  // @ts-expect-error: an argument is missing.
  Typed.remote();
  // @ts-expect-error: the first argument is a string.
  Typed.remote(1);
  // @ts-expect-error: there is one argument too many.
  Typed.remote('text', 1, 2);
  // @ts-expect-error: with options the constructor's arguments are checked as well.
  Typed.options({}).remote(1);
  // @ts-expect-error: a remote class is not constructed here.
  new Typed('text');
}

export async function options(): Promise<void> {
  // @ts-expect-error: there is no such option.
  Typed.options({ maxRestart: 1 });
  // @ts-expect-error: the number of restarts is a number.
  Typed.options({ maxRestarts: '1' });
  // @ts-expect-error: a lifetime is one of two words.
  Typed.options({ lifetime: 'forever' });
  // @ts-expect-error: there is no such option of a runtime.
  await init({ worker: 1 });
  // @ts-expect-error: there is no such option of get.
  await get(Counter.remote().value.remote(), { timeout: 1 });
  // @ts-expect-error: whether to restart is true or false.
  await kill(Counter.remote(), { noRestart: 'no' });
}

export async function methods(): Promise<void> {
  const typed = Typed.remote('text');
  const echoed = typed.echo.remote('text');
  isSame<Same<typeof echoed, ObjectRef<string>>>();
  const later = await typed.later.remote();
  isSame<Same<typeof later, { readonly deep: readonly number[] }>>();
  const maybe = await typed.optional.remote();
  isSame<Same<typeof maybe, number | undefined>>();
  typed.rest.remote('text', true, false);
  // @ts-expect-error: the runtime calls the hook, and nobody else.
  typed.onShutdown.remote();
  // @ts-expect-error: the argument is a string.
  typed.echo.remote(5);
  // @ts-expect-error: an argument is missing.
  typed.echo.remote();
  // @ts-expect-error: the rest are booleans.
  typed.rest.remote('text', 1);
  // @ts-expect-error: the class has no such method.
  typed.missing.remote();
  // @ts-expect-error: a field is not reached through a handle.
  typed.notAMethod.remote();
  // @ts-expect-error: a protected method is not reached through a handle.
  typed.hidden.remote();
  // @ts-expect-error: a private method is not reached through a handle.
  typed.secret.remote();
  // @ts-expect-error: a method is called by .remote(), not directly.
  typed.echo('text');
  // @ts-expect-error: a result is not there before it is awaited.
  const length: number = typed.echo.remote('text').length;
  // @ts-expect-error: a result is what the method returns.
  const wrong: number = await typed.echo.remote('text');
  // @ts-expect-error: a handle is not thenable.
  typed.then(() => {});
  return void [length, wrong];
}

export async function refsAsArguments(): Promise<void> {
  const [typed, counter] = [Typed.remote('text'), Counter.remote()];
  counter.increment.remote(counter.value.remote());
  Typed.remote(typed.echo.remote('text'), counter.value.remote());
  // @ts-expect-error: a ref to a number is no string.
  typed.echo.remote(counter.value.remote());
  // @ts-expect-error: nor is it one for a constructor.
  Typed.remote(counter.value.remote());
}

export async function values(): Promise<void> {
  const [typed, counter] = [Typed.remote('text'), Counter.remote()];
  const both = await get([typed.echo.remote('text'), counter.value.remote()]);
  isSame<Same<typeof both, [string, number]>>();
  const one = await get(counter.value.remote(), { timeoutMs: 1 });
  isSame<Same<typeof one, number>>();
  // @ts-expect-error: the values are in the order of the refs.
  const [number]: readonly [number] = await get([typed.echo.remote('text')]);
  // @ts-expect-error: only refs have values to get.
  await get([1]);
  return void number;
}

export async function handles(runtime: Runtime): Promise<void> {
  const found = await getActor<typeof Counter>('counter');
  isSame<Same<typeof found, ActorHandle<typeof Counter>>>();
  const typed = Typed.remote('text');
  typed.passOn.remote(found);
  const passed = await typed.passOn.remote(found);
  passed.increment.remote(1);
  const made = runtime.create(Counter, [1]);
  made.increment.remote(1);
  // @ts-expect-error: a handle of another class is not what the method takes.
  typed.passOn.remote(Thrower.remote());
  // @ts-expect-error: a number is no handle.
  await kill(1);
  // @ts-expect-error: a name is a string.
  await getActor(1);
}

export function classes(): void {
  const Plain: RemoteClass<typeof PlainCounter> = remote<typeof PlainCounter>(
    new URL('./plain.ts', import.meta.url),
    'PlainCounter',
  );
  Plain.remote(1).increment.remote();
  // @ts-expect-error: the plain class's constructor takes a number.
  Plain.remote('1');
  // @ts-expect-error: what is made remote is a class or a function.
  remote(import.meta, 7);
  // @ts-expect-error: a class in another module is named by a string.
  remote(new URL('./plain.ts', import.meta.url), 7);
}

class Splitter {
  static methods = {
    pair: method({ numReturns: 2 }),
    nothing: method({ numReturns: 0 }),
    grouped: method({ concurrencyGroup: 'io' }),
  };

  pair(): [number, string] {
    return [1, 'one'];
  }

  async many(): Promise<number[]> {
    return [1, 2, 3];
  }

  nothing(): void {}

  grouped(text: string): string {
    return text;
  }

  *items(): Generator<number> {
    yield 1;
  }
}
const Split = remote(import.meta, Splitter);

export async function numReturns(): Promise<void> {
  const split = Split.options({ concurrencyGroups: { io: 1 } }).remote();
  const [one, two] = split.pair.remote();
  isSame<Same<typeof one, ObjectRef<number>>>();
  isSame<Same<typeof two, ObjectRef<string>>>();
  const nothing = split.nothing.remote();
  isSame<Same<typeof nothing, undefined>>();
  const grouped = split.grouped.remote('text');
  isSame<Same<typeof grouped, ObjectRef<string>>>();
  const whole = split.pair.options({ numReturns: 1 }).remote();
  isSame<Same<typeof whole, ObjectRef<[number, string]>>>();
  const retried = split.pair.options({ maxTaskRetries: 1 }).remote();
  isSame<Same<typeof retried, [ObjectRef<number>, ObjectRef<string>]>>();
  const three = split.many.options({ numReturns: 3 }).remote();
  isSame<Same<typeof three, ObjectRef<number>[]>>();
  const items = split.items.remote();
  isSame<Same<typeof items, ObjectRefGenerator<number>>>();
  for await (const item of items) isSame<Same<typeof item, ObjectRef<number>>>();
  const again: ActorHandle<typeof Split> = split;
  // @ts-expect-error: a call that gives two refs is not awaited as one.
  await again.pair.remote().then(() => {});
  // @ts-expect-error: the second is a string.
  const wrong: ObjectRef<number> = two;
  // @ts-expect-error: how many refs is a number.
  split.pair.options({ numReturns: '2' });
  // @ts-expect-error: there is no such option of a method.
  method({ numReturn: 2 });
  // @ts-expect-error: there is no such option of a call.
  split.pair.options({ timeoutMs: 2 });
  return void wrong;
}

export async function moreOptions(): Promise<void> {
  await init({ directory: 'state', numCpus: 1.5, resources: { gpu: 1 }, ignoreReinitError: true });
  Counter.options({ numCpus: 0.5, resources: { gpu: 1 }, creationTimeoutMs: -1, maxBlockedMs: 100 });
  // @ts-expect-error: an amount is a number.
  Counter.options({ resources: { gpu: '1' } });
  // @ts-expect-error: a limit in time is a number of milliseconds.
  Counter.options({ creationTimeoutMs: '1s' });
  // @ts-expect-error: a directory is a path.
  await init({ directory: 5 });
  // @ts-expect-error: isolation is one of a few words.
  Counter.options({ isolation: 'none' });
  const queue = new Queue<number>({ maxSize: 3 });
  await queue.put(1);
  const item = await queue.get();
  isSame<Same<typeof item, number>>();
  // @ts-expect-error: a queue of numbers takes numbers.
  await queue.put('text');
  const pool = new ActorPool([Counter.remote()]);
  pool.submit((counter, by: number) => counter.increment.remote(by), 1);
  // @ts-expect-error: the work is for a handle of the pool's class.
  pool.submit((counter) => counter.echo.remote('text'), 1);
  // @ts-expect-error: what is submitted is what the work takes.
  pool.submit((counter, by: number) => counter.increment.remote(by), 'text');
  const [ready, rest] = await wait([Counter.remote().value.remote()], { numReturns: 1 });
  isSame<Same<typeof ready, ObjectRef<number>[]>>();
  isSame<Same<typeof rest, ObjectRef<number>[]>>();
  // @ts-expect-error: only refs are waited for.
  await wait([1]);
  // @ts-expect-error: only a ref is cancelled.
  await cancel(Counter.remote());
}
