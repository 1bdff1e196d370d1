/**
 * Random bytes for ids, from the system's own generator.
 *
 * The platform's `crypto` asks the same one, but to load it takes 6 ms, a tenth of the way to a program's first
 * answer. So where the system has its generator among its files, a pool is read from there; elsewhere (Windows, a
 * browser, a process that may not read it) `crypto` is asked.
 */
import { random } from 'nanoid';

const SYSTEM_FILE = '/dev/urandom';
const POOL_BYTES = 4096;

interface Files {
  openSync(path: string): number;
  readSync(file: number, into: Uint8Array): number;
  closeSync(file: number): void;
}
interface Platform {
  readonly process?: { getBuiltinModule?(name: string): Files };
}

let pool: Uint8Array = new Uint8Array(0);
let used = 0;

/** So many bytes, given to nobody else: at most 4,096. */
export function randomBytes(count: number): Uint8Array {
  if (used + count > pool.length) {
    pool = readSystem() ?? random(POOL_BYTES);
    used = 0;
  }
  used += count;
  return pool.subarray(used - count, used);
}

function readSystem(): Uint8Array | undefined {
  const files = (globalThis as Platform).process?.getBuiltinModule?.('node:fs');
  if (files === undefined) return undefined;
  try {
    const file = files.openSync(SYSTEM_FILE);
    const bytes = new Uint8Array(POOL_BYTES);
    const length = files.readSync(file, bytes);
    files.closeSync(file);
    return length === POOL_BYTES ? bytes : undefined;
  } catch {
    return undefined;
  }
}
