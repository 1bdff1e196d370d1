/**
 * What may leave the process. A value for another thread may hold memory that both share, or an object of the
 * platform that only this process can have; one for another process may not.
 */

/** What V8's serialiser writes whole, by prototype. */
const WRITABLE: ReadonlySet<object | null> = new Set(
  [
    null,
    ...[Object, Array, Map, Set, Date, RegExp, Number, String, Boolean, BigInt, ArrayBuffer, DataView],
    ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError],
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
    (globalThis as { Float16Array?: { prototype: object } }).Float16Array,
  ].map((each) => (each === null ? null : ((each as { prototype: object } | undefined)?.prototype ?? null))),
);

/** Why `clone` cannot be sent to another process, or undefined when it can. `clone` came out of structured cloning. */
export function problemOnWire(clone: unknown): string | undefined {
  return find(clone, new Set());
}

function find(value: unknown, seen: Set<object>): string | undefined {
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  if (value instanceof SharedArrayBuffer) return sharedMemory;
  if (ArrayBuffer.isView(value)) return value.buffer instanceof SharedArrayBuffer ? sharedMemory : undefined;
  if (!WRITABLE.has(Object.getPrototypeOf(value)))
    return `${Object.prototype.toString.call(value)} belongs to this process and cannot be sent to another`;
  for (const part of partsOf(value)) {
    const problem = find(part, seen);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const sharedMemory = 'shared memory cannot be sent to another process';

function partsOf(value: object): Iterable<unknown> {
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set) return value;
  if (value instanceof Error) return [value.cause];
  return Object.values(value);
}

/** The same with text in the place of each part that cannot leave the process: for errors, which must arrive. */
export function withoutUnwirable(value: unknown): unknown {
  return problemOnWire(value) === undefined ? value : copy(value, new Map());
}

function copy(value: unknown, made: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (made.has(value)) return made.get(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype)
    return problemOnWire(value) === undefined ? value : Object.prototype.toString.call(value);
  const result: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  made.set(value, result);
  for (const [key, part] of Object.entries(value)) (result as Record<string, unknown>)[key] = copy(part, made);
  return result;
}
