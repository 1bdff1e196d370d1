import { quote } from '@heddle/base';
import type { ActorHandle, RefArgs } from './actor-handle.ts';
import {
  type AnyClass,
  type ClassDeclaration,
  classKey,
  declareClass,
  declareFunction,
  type NamedFunction,
} from './class-declaration.ts';
import { currentCore } from './current-core.ts';
import { ActorModuleError } from './errors.ts';
import { nodeModule, url } from './late-builtins.ts';
import { type ActorOptions, type ResolvedActorOptions, resolveActorOptions } from './options.ts';
import { type AnyFunction, RemoteFunction } from './remote-function.ts';

/** What an actor has that was made without options: the same object for all. */
const DEFAULTS: ResolvedActorOptions = Object.freeze(resolveActorOptions({}));

/**
 * A class whose instances are actors. Ray: what `@ray.remote` makes of a class.
 *
 * It is made once, at the top level of a module; the class is constructed in a worker thread, which imports
 * that module for itself.
 */
export class RemoteClass<C extends AnyClass = AnyClass> {
  /** For types only: the instance behind a handle. */
  declare readonly __instance?: InstanceType<C>;
  /** For types only: what the class declares of its methods. */
  declare readonly __class?: C;
  /** What a thread needs to find the class in its module and to make handles. */
  readonly declaration: ClassDeclaration;
  /** @internal The class, where this thread has it. */
  readonly actorClass: AnyClass;

  /** @internal Use `remote`. */
  constructor(declaration: ClassDeclaration, actorClass: AnyClass) {
    this.declaration = declaration;
    this.actorClass = actorClass;
  }

  /**
   * Makes an actor and returns its handle at once. A failing constructor shows in the actor's calls.
   * Must be called in a program that called `init`, or inside an actor.
   */
  remote(...args: RefArgs<ConstructorParameters<C>>): ActorHandle<RemoteClass<C>> {
    return this.#create(DEFAULTS, args);
  }

  /** The same with options. @throws TypeError, RangeError for a wrong option, which is quoted. */
  options(options: ActorOptions): { remote(...args: RefArgs<ConstructorParameters<C>>): ActorHandle<RemoteClass<C>> } {
    const resolved: ResolvedActorOptions = resolveActorOptions(options);
    return { remote: (...args) => this.#create(resolved, args) };
  }

  #create(options: ResolvedActorOptions, args: readonly unknown[]): ActorHandle<RemoteClass<C>> {
    const core = currentCore('create an actor of class', this.declaration.name);
    return core.create(this.declaration, args, options) as never;
  }
}

/** What modules loaded in this thread have declared. */
const declared = new Map<string, RemoteClass | RemoteFunction>();

/** What a module that this thread has loaded has declared under this name. */
export const findDeclared = (declaration: ClassDeclaration): RemoteClass | RemoteFunction | undefined =>
  declared.get(classKey(declaration));

interface ModuleMeta {
  readonly url: string;
  readonly main?: boolean;
}

/**
 * Makes a class or a function remote: the instances of a class become actors, the calls of a function tasks.
 *
 * ```ts
 * export const Counter = remote(import.meta, class Counter { … });
 * export const square = remote(import.meta, function square(x: number) { return x * x; });
 * const Plain = remote<typeof PlainClass>(new URL('./plain.ts', import.meta.url), 'PlainClass');
 * ```
 * A function that calls itself as a task needs another name inside than outside: JavaScript finds the inner one first.
 *
 * @throws ActorModuleError for a URL whose module cannot be loaded; TypeError in the program's entry file (a worker would run the program again), for what has no name,
 * for two of one name in a module, and for anything that is neither a class nor a function.
 */
export function remote<C extends AnyClass>(meta: ImportMeta | ModuleMeta, actorClass: C): RemoteClass<C>;
export function remote<F extends AnyFunction>(meta: ImportMeta | ModuleMeta, target: F): RemoteFunction<F>;
export function remote<C extends AnyClass>(module: URL, exportName: string): RemoteClass<C>;
export function remote<F extends AnyFunction>(module: URL, exportName: string): RemoteFunction<F>;
export function remote(module: URL | ModuleMeta, target: unknown): RemoteClass | RemoteFunction {
  if (module instanceof URL) return remoteFromModule(module, target);
  if (typeof module?.url !== 'string')
    throw new TypeError(`Cannot make anything remote with ${quote(module)}: expected import.meta, or a module's URL`);
  checkTarget(target);
  const kind = isClass(target) ? 'class' : 'function';
  if (module.main === true) {
    throw new TypeError(
      `Cannot make ${kind} "${target.name}" remote in the program's entry file: a worker thread would run the program again; move the ${kind} to a module of its own`,
    );
  }
  const made = isClass(target)
    ? new RemoteClass(declareClass(module.url, target), target)
    : new RemoteFunction(declareFunction(module.url, target), target);
  const key = classKey(made.declaration);
  if (declared.has(key))
    throw new TypeError(
      `Cannot make ${kind} "${target.name}" remote: its module ${module.url} has declared that name before`,
    );
  declared.set(key, made);
  return made;
}

/** A class or function of a module that knows nothing of Heddle. The module is loaded here too, to see what it is. */
function remoteFromModule(module: URL, exportName: unknown): RemoteClass | RemoteFunction {
  if (typeof exportName !== 'string')
    throw new TypeError(
      `Cannot make ${quote(exportName)} remote: expected the name of a class or function that ${module} exports`,
    );
  const exported = loadHere(module, exportName)[exportName];
  if (typeof exported !== 'function')
    throw new TypeError(`Cannot make ${quote(exportName)} remote: ${module} exports no such class or function`);
  checkTarget(exported);
  return isClass(exported)
    ? new RemoteClass({ ...declareClass(module.href, exported), name: exportName }, exported)
    : new RemoteFunction({ ...declareFunction(module.href, exported), name: exportName }, exported);
}

/** @throws ActorModuleError when the module is not there, fails, or waits at its top level. */
function loadHere(module: URL, exportName: string): Readonly<Record<string, unknown>> {
  try {
    return nodeModule().createRequire(import.meta.url)(
      module.protocol === 'file:' ? url().fileURLToPath(module) : module.href,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new ActorModuleError(`Cannot make ${quote(exportName)} remote: ${module} cannot be loaded: ${why}`, {
      cause: error,
    });
  }
}

function checkTarget(target: unknown): asserts target is AnyClass | NamedFunction {
  if (typeof target !== 'function')
    throw new TypeError(`Cannot make ${quote(target)} remote: expected a class or a function`);
  if (target.name === '')
    throw new TypeError(
      `Cannot make an anonymous ${isClass(target) ? 'class' : 'function'} remote: a worker finds it by its name; give it one`,
    );
}

const isClass = (target: unknown): target is AnyClass => Function.prototype.toString.call(target).startsWith('class');
