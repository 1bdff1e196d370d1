import { type ClassDeclaration, classKey } from './class-declaration.ts';
import { ActorModuleError } from './errors.ts';
import { findDeclared } from './remote.ts';
import { RemoteFunction } from './remote-function.ts';

export type Constructor = new (...args: unknown[]) => object;
type Target = (...args: readonly unknown[]) => unknown;

const loaded = new Map<string, unknown>();
/** The same by declaration, once it is loaded. */
const targets = new WeakMap<ClassDeclaration, unknown>();

/** The class, at once when this thread has loaded it before. Rejects with an `ActorModuleError`. */
export function loadClass(declaration: ClassDeclaration): Constructor | Promise<Constructor> {
  return load(declaration) as Constructor | Promise<Constructor>;
}

/** The same for a function. */
export function loadFunction(declaration: ClassDeclaration): Target | Promise<Target> {
  return load(declaration) as Target | Promise<Target>;
}

function load(declaration: ClassDeclaration): unknown {
  const target = targets.get(declaration);
  if (target !== undefined) return target;
  const key = classKey(declaration);
  const entry = loaded.get(key);
  if (entry !== undefined) {
    if (!(entry instanceof Promise)) targets.set(declaration, entry);
    return entry;
  }
  const loading = importTarget(declaration).then((target) => {
    loaded.set(key, target);
    return target;
  });
  loaded.set(key, loading);
  loading.catch(() => loaded.delete(key)); // The next incarnation tries again: the file may have been mended.
  return loading;
}

async function importTarget(declaration: ClassDeclaration): Promise<unknown> {
  const kind = declaration.isFunction ? 'function' : 'class';
  let module: Record<string, unknown>;
  try {
    module = await import(declaration.module);
  } catch (error) {
    throw new ActorModuleError(
      `Cannot load the module of ${kind} "${declaration.name}" in a worker: ${declaration.module} failed: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  const declared = findDeclared(declaration);
  const target =
    (declared instanceof RemoteFunction ? declared.target : declared?.actorClass) ?? module[declaration.name];
  if (typeof target !== 'function')
    throw new ActorModuleError(
      `Cannot find ${kind} "${declaration.name}" in a worker: ${declaration.module} declares and exports no such ${kind}`,
    );
  return target;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
