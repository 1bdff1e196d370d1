/**
 * Modules of Node's that a thread seldom needs, each loaded when it first is: to load all of them takes as long as
 * all the code of the runtime.
 */

const late = <T>(load: () => T): (() => T) => {
  let loaded: T | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
};

export const childProcess = late(() => process.getBuiltinModule('node:child_process'));
export const fs = late(() => process.getBuiltinModule('node:fs'));
export const net = late(() => process.getBuiltinModule('node:net'));
export const nodeModule = late(() => process.getBuiltinModule('node:module'));
export const os = late(() => process.getBuiltinModule('node:os'));
export const path = late(() => process.getBuiltinModule('node:path'));
export const url = late(() => process.getBuiltinModule('node:url'));
export const v8 = late(() => process.getBuiltinModule('node:v8'));
export const vm = late(() => process.getBuiltinModule('node:vm'));
