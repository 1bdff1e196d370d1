/**
 * Handles: what a program holds of an actor.
 *
 * A handle is a frozen object of a class made once per actor class, with one member for each method:
 * `handle.increment.remote(5)`. It is no Proxy and it is not thenable, so it may be returned from an async
 * function. Structured cloning refuses it (its brand is a symbol); the encoder knows it and sends its identity.
 */
import type { ClassDeclaration, ReservedName } from './class-declaration.ts';
import {
  type MethodDeclaration,
  type MethodOptions,
  type ResolvedMethodOptions,
  resolveMethodOptions,
} from './method-options.ts';
import type { ObjectRef } from './object-ref.ts';
import type { ObjectRefGenerator } from './object-ref-generator.ts';
import type { ActorKey } from './protocol.ts';

/** Whatever carries calls for handles: the core of this thread. */
export interface Caller {
  call(target: ActorTarget, method: number, args: readonly unknown[], options?: ResolvedMethodOptions): unknown;
  /** A handle that counts was given up. */
  released(handle: AnyHandle, target: ActorTarget): void;
}

/** An actor as one thread sees it: who it is, what it can do, and the calls on their way to it. */
export interface ActorTarget {
  readonly actor: ActorKey;
  readonly actorId: string;
  readonly declaration: ClassDeclaration;
}

const TARGET = Symbol('heddle.actor');

/** What every handle has beside its methods. Ray: `ActorHandle`. */
export interface ActorHandleBase extends Disposable {
  /** Gives the handle up. An actor that is not detached ends when its last handle is gone and its calls are done. */
  release(): void;
}

/** Arguments, each also as a ref to it. */
export type RefArgs<Args extends readonly unknown[]> = { [I in keyof Args]: Args[I] | ObjectRef<Awaited<Args[I]>> };

/** One method of one actor. */
export interface ActorMethod<Args extends readonly unknown[], Result, Declared = object> {
  /**
   * Calls the method and returns at once. A failure arrives through the ref.
   * @throws PendingCallsLimitExceededError when too many calls are pending.
   */
  remote(...args: RefArgs<Args>): DeclaredValue<Declared, Result>;
  /** The same with options for this call. @throws TypeError, RangeError for a wrong one, which is quoted. */
  options<const Given extends MethodOptions>(
    options: Given,
  ): {
    remote(
      ...args: RefArgs<Args>
    ): Given extends { readonly numReturns: number } ? DeclaredValue<Given, Result> : DeclaredValue<Declared, Result>;
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a generator of any kind.
export type AnyGenerator = Generator<any, any, any> | AsyncGenerator<any, any, any>;

/** What one call gives back: the items of a generator as a stream, else a ref. */
export type CallValue<Result> = [Result] extends [never]
  ? ObjectRef<never>
  : 0 extends 1 & Result // Any.
    ? ObjectRef<Awaited<Result>>
    : // biome-ignore lint/suspicious/noExplicitAny: of any return and next types.
      [Result] extends [AsyncGenerator<infer Item, any, any>]
      ? ObjectRefGenerator<Item>
      : // biome-ignore lint/suspicious/noExplicitAny: of any return and next types.
        [Result] extends [Generator<infer Item, any, any>]
        ? ObjectRefGenerator<Awaited<Item>>
        : ObjectRef<Awaited<Result>>;

/** What a call gives back by the options that its class declares, or that it was given. */
export type DeclaredValue<Declared, Result> = Declared extends { readonly numReturns: number }
  ? Result extends AnyGenerator
    ? CallValue<Result>
    : Returned<Declared, Awaited<Result>>
  : CallValue<Result>;

/** The options that a class declares for a method, where its `static methods` says so to the compiler. */
type DeclaredOptions<C, Name> = C extends { readonly __class?: infer Class }
  ? Name extends keyof MethodsOf<Class>
    ? MethodsOf<Class>[Name] extends MethodDeclaration<infer Given>
      ? Given
      : object
    : object
  : object;

type MethodsOf<Class> = NonNullable<Class> extends { readonly methods: infer Methods } ? Methods : object;

/** What a call gives back by its `numReturns`. */
export type Returned<Given extends MethodOptions, Result> = Given extends { readonly numReturns: infer Count }
  ? Count extends 0
    ? undefined
    : Count extends 1
      ? ObjectRef<Result>
      : RefsOf<Result>
  : ObjectRef<Result>;

/** A ref for each place of a list whose length is known, and for any number of items otherwise. */
type RefsOf<Result> = Result extends readonly unknown[]
  ? number extends Result['length']
    ? ObjectRef<Result[number]>[]
    : { -readonly [I in keyof Result]: ObjectRef<Result[I]> }
  : ObjectRef<never>[];

type MethodNames<T> = { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never }[keyof T];

/** The instance type behind a remote class, a class, or already an instance type. */
export type InstanceOf<C> = C extends { readonly __instance?: infer T extends object }
  ? T
  : C extends abstract new (
        ...args: never[]
      ) => infer T
    ? T
    : C;

/**
 * A typed reference to an actor of class `C` (`ActorHandle<typeof Counter>`). It has a counterpart of each public method,
 * but for those named `constructor`, `then`, `release`, `toJSON` and `onShutdown`. Ray: `ActorHandle`.
 */
export type ActorHandle<C = object> = ActorHandleBase & {
  readonly [K in Exclude<MethodNames<InstanceOf<C>>, ReservedName>]: InstanceOf<C>[K] extends (
    ...args: infer Args
  ) => infer Result
    ? ActorMethod<Args, Result, DeclaredOptions<C, K>>
    : never;
};

/** A handle of any class. */
export type AnyHandle = ActorHandleBase & { readonly [TARGET]: ActorTarget };

type Remote = (...args: unknown[]) => unknown;

type MethodFunction = (() => never) & {
  remote: Remote;
  options: (given: MethodOptions) => { readonly remote: Remote };
};

type HandleClass = new (target: ActorTarget, counts: boolean) => AnyHandle;

/** Makes the handles of one thread. */
export class HandleMaker {
  readonly #caller: Caller;
  readonly #classes = new Map<ClassDeclaration, HandleClass>();
  /** That of the latest handle: mostly the next one is of it too. */
  #latest: ClassDeclaration | undefined;
  #latestClass: HandleClass | undefined;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** `counts`: the handle keeps its actor alive; a handle got by name does not. */
  make(target: ActorTarget, counts: boolean): AnyHandle {
    const { declaration } = target;
    const handleClass = declaration === this.#latest ? this.#latestClass! : this.#classOf(declaration);
    return new handleClass(target, counts);
  }

  #classOf(declaration: ClassDeclaration): HandleClass {
    const handleClass = this.#classes.get(declaration) ?? makeHandleClass(declaration, this.#caller);
    this.#classes.set(declaration, handleClass);
    this.#latest = declaration;
    this.#latestClass = handleClass;
    return handleClass;
  }
}

/** The actor behind `value`, or undefined when `value` is no handle. */
export function targetOf(value: unknown): ActorTarget | undefined {
  return typeof value === 'object' && value !== null && BRAND in value
    ? (value as unknown as AnyHandle)[TARGET]
    : undefined;
}

const BRAND = Symbol('heddle.handle');
const COUNTS = Symbol('heddle.counts');
const PLACE = Symbol('heddle.place');
const CALL = Symbol('heddle.call');

/** Whether a handle keeps its actor alive. */
export const countsAsHolder = (handle: AnyHandle): boolean =>
  (handle as unknown as { readonly [COUNTS]: boolean })[COUNTS];

/** The place of a handle in the list of its thread's `LostHandles`; -1: none. */
export const placeOf = (handle: AnyHandle): number => (handle as unknown as Placed)[PLACE];

export function setPlace(handle: AnyHandle, place: number): void {
  (handle as unknown as Placed)[PLACE] = place;
}

interface Placed {
  [PLACE]: number;
}

/** What is written into the state of a handle, beside the number of a method. */
const IS_RELEASED = 1;
const IS_COUNTED = 2;
const METHOD_SHIFT = 2;
const FLAGS = (1 << METHOD_SHIFT) - 1;

function makeHandleClass(declaration: ClassDeclaration, caller: Caller): HandleClass {
  class Handle {
    /** Own, enumerable and holding a symbol: structured cloning refuses it. No method has such a name. */
    readonly 'heddle handle': symbol = BRAND;
    readonly #target: ActorTarget;
    /** The flags, and above them one more than the number of the method that was asked for first: of most actors only one ever is. */
    #state: number;
    #place = -1;
    /** That method, from when it is asked for again: kept, it weighs more than all the rest that a caller has of an actor. */
    #first: MethodFunction | undefined;
    /** The others by number, each made when first asked for. */
    #others: (MethodFunction | undefined)[] | undefined;

    constructor(target: ActorTarget, counts: boolean) {
      this.#target = target;
      this.#state = counts ? IS_COUNTED : 0;
      Object.freeze(this);
    }

    get [COUNTS](): boolean {
      return (this.#state & IS_COUNTED) !== 0;
    }

    get [PLACE](): number {
      return this.#place;
    }

    set [PLACE](place: number) {
      this.#place = place;
    }

    get [BRAND](): true {
      return true;
    }

    get [TARGET](): ActorTarget {
      return this.#target;
    }

    get [Symbol.toStringTag](): string {
      return `ActorHandle<${declaration.name}>`;
    }

    release(): void {
      if ((this.#state & IS_RELEASED) !== 0) return;
      this.#state |= IS_RELEASED;
      if (this[COUNTS]) caller.released(this as unknown as AnyHandle, this.#target);
    }

    [Symbol.dispose](): void {
      this.release();
    }

    /** For people: what `console.log` shows. */
    [Symbol.for('nodejs.util.inspect.custom')](): string {
      return `ActorHandle<${declaration.name}>(${this.#target.actorId})`;
    }

    /** @internal */
    static method(handle: Handle, method: number): MethodFunction {
      const first = handle.#first;
      return first !== undefined && handle.#state >> METHOD_SHIFT === method + 1 ? first : handle.#makeMethod(method);
    }

    #makeMethod(method: number): MethodFunction {
      const asked = this.#state >> METHOD_SHIFT;
      if (asked === 0) {
        this.#state = (this.#state & FLAGS) | ((method + 1) << METHOD_SHIFT);
        return makeMethod(this, declaration, method);
      }
      if (asked === method + 1) {
        this.#first = makeMethod(this, declaration, method);
        return this.#first;
      }
      this.#others ??= [];
      this.#others[method] ??= makeMethod(this, declaration, method);
      return this.#others[method];
    }

    /** @internal Through the handle, so that a method that is held keeps its handle. */
    [CALL](method: number, args: readonly unknown[], options?: ResolvedMethodOptions): unknown {
      if ((this.#state & IS_RELEASED) !== 0)
        throw new TypeError(`Cannot call actor "${this.#target.actorId}": this handle was released`);
      return caller.call(this.#target, method, args, options);
    }
  }

  for (const [method, name] of declaration.methods.entries()) {
    Object.defineProperty(Handle.prototype, name, {
      get(this: Handle) {
        return Handle.method(this, method);
      },
      enumerable: true,
    });
  }
  return Handle as unknown as HandleClass;
}

interface Callable {
  [CALL](method: number, args: readonly unknown[], options?: ResolvedMethodOptions): unknown;
}

function makeMethod(handle: Callable, declaration: ClassDeclaration, method: number): MethodFunction {
  const refused = (): never => {
    const name = declaration.methods[method]!;
    throw new TypeError(`Cannot call method "${name}" of an actor directly: use handle.${name}.remote() instead`);
  };
  const made = refused as MethodFunction; // `Object.assign` takes twice as long.
  made.remote = (...args) => handle[CALL](method, args);
  made.options = (given) => {
    const options = resolveMethodOptions(`call method "${declaration.methods[method]!}"`, given);
    return { remote: (...args) => handle[CALL](method, args, options) };
  };
  return made;
}
