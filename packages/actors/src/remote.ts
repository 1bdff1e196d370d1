import { createRequire } from 'node:module';
import { quote } from '@heddle/base';
import type { ActorHandle, RefArgs } from './actor-handle.ts';
import { type AnyClass, type ClassDeclaration, classKey, declareClass } from './class-declaration.ts';
import { currentCore } from './current-core.ts';
import { type ActorOptions, type ResolvedActorOptions, resolveActorOptions } from './options.ts';

/**
 * A class whose instances are actors. Ray: what `@ray.remote` makes of a class.
 *
 * It is made once, at the top level of a module; the class is constructed in a worker thread, which imports
 * that module for itself.
 */
export class RemoteClass<C extends AnyClass = AnyClass> {
  /** For types only: the instance behind a handle. */
  declare readonly __instance?: InstanceType<C>;
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
    return this.options({}).remote(...args);
  }

  /** The same with options. @throws TypeError, RangeError for a wrong option, which is quoted. */
  options(options: ActorOptions): { remote(...args: RefArgs<ConstructorParameters<C>>): ActorHandle<RemoteClass<C>> } {
    const resolved: ResolvedActorOptions = resolveActorOptions(options);
    return {
      remote: (...args) =>
        currentCore(`create an actor of class "${this.declaration.name}"`).create(
          this.declaration,
          args,
          resolved,
        ) as never,
    };
  }
}

/** Classes that modules loaded in this thread have declared. */
const declared = new Map<string, RemoteClass>();

/** The class declared under this name by a module that this thread has loaded. */
export const findDeclared = (declaration: ClassDeclaration): RemoteClass | undefined =>
  declared.get(classKey(declaration));

interface ModuleMeta {
  readonly url: string;
  readonly main?: boolean;
}

/**
 * Makes a class remote: its instances become actors.
 *
 * ```ts
 * export const Counter = remote(import.meta, class Counter { … });
 * const Plain = remote<typeof PlainClass>(new URL('./plain.ts', import.meta.url), 'PlainClass');
 * ```
 *
 * @throws TypeError in the program's entry file (a worker would run the program again), for an anonymous class,
 * for two classes of one name in a module, and for anything that is not a class.
 */
export function remote<C extends AnyClass>(meta: ImportMeta | ModuleMeta, actorClass: C): RemoteClass<C>;
export function remote<C extends AnyClass>(module: URL, exportName: string): RemoteClass<C>;
export function remote(module: URL | ModuleMeta, target: unknown): RemoteClass {
  if (module instanceof URL) return remoteFromModule(module, target);
  checkClass(target);
  if (module.main === true) {
    throw new TypeError(
      `Cannot make class "${target.name}" remote in the program's entry file: a worker thread would run the program again; move the class to a module of its own`,
    );
  }
  const remoteClass = new RemoteClass(declareClass(module.url, target), target);
  const key = classKey(remoteClass.declaration);
  if (declared.has(key))
    throw new TypeError(
      `Cannot make class "${target.name}" remote: its module ${module.url} has declared that name before`,
    );
  declared.set(key, remoteClass);
  return remoteClass;
}

/** A class of a module that knows nothing of Heddle. The module is loaded here too, for the names of its methods. */
function remoteFromModule(module: URL, exportName: unknown): RemoteClass {
  if (typeof exportName !== 'string')
    throw new TypeError(`Cannot make ${quote(exportName)} remote: expected the name of a class that ${module} exports`);
  const exported = (
    createRequire(import.meta.url)(module.protocol === 'file:' ? fileOf(module) : module.href) as Record<
      string,
      unknown
    >
  )[exportName];
  if (typeof exported !== 'function')
    throw new TypeError(`Cannot make ${quote(exportName)} remote: ${module} exports no such class`);
  checkClass(exported);
  return new RemoteClass({ ...declareClass(module.href, exported), name: exportName }, exported);
}

const fileOf = (module: URL): string => decodeURIComponent(module.pathname);

function checkClass(target: unknown): asserts target is AnyClass {
  if (typeof target !== 'function' || !Function.prototype.toString.call(target).startsWith('class'))
    throw new TypeError(`Cannot make ${quote(target)} remote: expected a class`);
  if (target.name === '')
    throw new TypeError('Cannot make an anonymous class remote: a worker finds it by its name; give it one');
}
