import type { AnyGenerator, CallValue, RefArgs, Returned } from './actor-handle.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import { currentCore } from './current-core.ts';
import { type ResolvedTaskOptions, resolveTaskOptions, type TaskOptions } from './task-options.ts';

/** Whatever `remote` can make a `RemoteFunction` of. */
// biome-ignore lint/suspicious/noExplicitAny: a function of any arguments; the types of `remote` say which.
export type AnyFunction = (...args: any[]) => unknown;

/**
 * A function whose calls are tasks: each runs in a thread of the pool, once its arguments and resources are there.
 * Ray: what `@ray.remote` makes of a function.
 */
export class RemoteFunction<F extends AnyFunction = AnyFunction> {
  /** What a thread needs to find the function in its module. */
  readonly declaration: ClassDeclaration;
  /** @internal The function, where this thread has it. */
  readonly target: AnyFunction;
  readonly #defaults: ResolvedTaskOptions;

  /** @internal Use `remote`. */
  constructor(declaration: ClassDeclaration, target: AnyFunction) {
    this.declaration = declaration;
    this.target = target;
    this.#defaults = resolveTaskOptions(declaration.name, {});
  }

  /** Calls the function and returns at once. A failure arrives through the ref. */
  remote(...args: RefArgs<Parameters<F>>): CallValue<ReturnType<F>> {
    return this.#submit(args, this.#defaults) as never;
  }

  /** The same with options. @throws TypeError, RangeError for a wrong one, which is quoted. */
  options<const Given extends TaskOptions>(
    given: Given,
  ): {
    remote(
      ...args: RefArgs<Parameters<F>>
    ): ReturnType<F> extends AnyGenerator ? CallValue<ReturnType<F>> : Returned<Given, Awaited<ReturnType<F>>>;
  } {
    const options = resolveTaskOptions(this.declaration.name, given);
    return { remote: (...args) => this.#submit(args, options) as never };
  }

  #submit(args: readonly unknown[], options: ResolvedTaskOptions): unknown {
    return currentCore('call function', this.declaration.name).submit(this.declaration, args, options);
  }
}
