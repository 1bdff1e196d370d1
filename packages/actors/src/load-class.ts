import { type ClassDeclaration, classKey } from './class-declaration.ts';
import { ActorModuleError } from './errors.ts';
import { findDeclared } from './remote.ts';

export type Constructor = new (...args: unknown[]) => object;

const loaded = new Map<string, Constructor | Promise<Constructor>>();

/** The class, at once when this thread has loaded it before. Rejects with an `ActorModuleError`. */
export function loadClass(declaration: ClassDeclaration): Constructor | Promise<Constructor> {
  const key = classKey(declaration);
  let entry = loaded.get(key);
  if (entry === undefined) {
    entry = importClass(declaration).then((actorClass) => {
      loaded.set(key, actorClass);
      return actorClass;
    });
    loaded.set(key, entry);
    entry.catch(() => loaded.delete(key)); // The next incarnation tries again: the file may have been mended.
  }
  return entry;
}

async function importClass(declaration: ClassDeclaration): Promise<Constructor> {
  let module: Record<string, unknown>;
  try {
    module = await import(declaration.module);
  } catch (error) {
    throw new ActorModuleError(
      `Cannot load the module of class "${declaration.name}" in a worker: ${declaration.module} failed: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  const actorClass = findDeclared(declaration)?.actorClass ?? module[declaration.name];
  if (typeof actorClass !== 'function')
    throw new ActorModuleError(
      `Cannot find class "${declaration.name}" in a worker: ${declaration.module} declares and exports no such class`,
    );
  return actorClass as Constructor;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
