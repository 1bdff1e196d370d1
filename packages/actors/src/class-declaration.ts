import { declaredOptions, type ResolvedMethodOptions } from './method-options.ts';

/**
 * What a thread must know of an actor class to make handles of it and to find it in its module: plain data,
 * so that it can cross a link. The class itself never crosses; each thread imports the module for itself.
 */
export interface ClassDeclaration {
  /** The module's URL. */
  readonly module: string;
  /** The name under which the module declares or exports the class. */
  readonly name: string;
  /** A function, whose calls are tasks, and not a class. */
  readonly isFunction?: true;
  /** Names of the public methods; a method's index here is its number in calls. */
  readonly methods: readonly string[];
  /** Those of the methods that are generators: their calls give streams. */
  readonly generators: readonly string[];
  /** Has an async method or async generator: many calls run at once unless `maxConcurrency` says otherwise. */
  readonly isAsync: boolean;
  /** What `static methods` declares, by method name. */
  readonly methodOptions: Readonly<Record<string, ResolvedMethodOptions>>;
}

// biome-ignore lint/suspicious/noExplicitAny: a class of any constructor; the types of `remote` say which.
export type AnyClass = abstract new (...args: any[]) => object;

/** Names that a handle needs for itself, and the hook that only the runtime calls. */
const RESERVED_NAMES = ['constructor', 'then', 'release', 'toJSON', 'onShutdown'] as const;
export type ReservedName = (typeof RESERVED_NAMES)[number];
const RESERVED: ReadonlySet<string> = new Set(RESERVED_NAMES);

// biome-ignore lint/suspicious/noExplicitAny: a function of any arguments.
export type NamedFunction = ((...args: any[]) => unknown) & { readonly name: string };

/** Reads a declaration off a function. */
export function declareFunction(module: string, target: NamedFunction): ClassDeclaration {
  return {
    module,
    name: target.name,
    isFunction: true,
    methods: [target.name],
    generators: GENERATOR_KINDS.has(target.constructor.name) ? [target.name] : [],
    isAsync: ASYNC_KINDS.has(target.constructor.name),
    methodOptions: {},
  };
}

const GENERATOR_KINDS = new Set(['GeneratorFunction', 'AsyncGeneratorFunction']);
const ASYNC_KINDS = new Set(['AsyncFunction', 'AsyncGeneratorFunction']);

/** Reads a declaration off a class: its methods and those it inherits, getters left alone. */
export function declareClass(module: string, actorClass: AnyClass): ClassDeclaration {
  const methods: string[] = [];
  const generators: string[] = [];
  let isAsync = false;
  for (
    let proto = actorClass.prototype;
    proto !== null && proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  ) {
    for (const name of Object.getOwnPropertyNames(proto)) {
      const { value } = Object.getOwnPropertyDescriptor(proto, name)!;
      if (typeof value !== 'function' || RESERVED.has(name) || methods.includes(name)) continue;
      methods.push(name);
      if (GENERATOR_KINDS.has(value.constructor.name)) generators.push(name);
      isAsync ||= ASYNC_KINDS.has(value.constructor.name);
    }
  }
  return {
    module,
    name: actorClass.name,
    methods,
    generators,
    isAsync,
    methodOptions: readMethodOptions(actorClass, methods),
  };
}

function readMethodOptions(actorClass: AnyClass, methods: readonly string[]): Record<string, ResolvedMethodOptions> {
  const declared = (actorClass as { methods?: unknown }).methods;
  if (declared === undefined) return {};
  if (typeof declared !== 'object' || declared === null)
    throw new TypeError(
      `Cannot read the static "methods" of class "${actorClass.name}": expected an object of method({ … })`,
    );
  return Object.fromEntries(
    Object.entries(declared).map(([name, options]) => {
      if (!methods.includes(name))
        throw new TypeError(
          `Cannot declare options of method "${name}" of class "${actorClass.name}": it has no such method`,
        );
      return [name, declaredOptions(actorClass.name, name, options)];
    }),
  );
}

/** `Counter.increment`; of a function, its name. */
export const nameOf = (declaration: ClassDeclaration, method: number): string =>
  declaration.isFunction ? declaration.name : `${declaration.name}.${declaration.methods[method]}`;

export const classKey = (declaration: { readonly module: string; readonly name: string }): string =>
  `${declaration.module}#${declaration.name}`;
