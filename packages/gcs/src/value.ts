/**
 * Values and names on their way into a table. A value travels and is stored as its JSON text: written once, by the
 * thread that puts it, and parsed once, by the thread that reads it; the storage never looks inside.
 */
import { checkString, quote } from '@heddle/base';

/** Deeper values are refused: a nest this deep is a cycle or an attack. */
const DEPTH_MAX = 64;
const NAME_LENGTH_MAX = 512;

/** The JSON text of a value, or a `TypeError` that names the part JSON would lose. */
export function encodeValue(action: string, value: unknown, lengthMax: number): string {
  const fault = findFault(value, '', 0);
  if (fault !== undefined) throw new TypeError(`Cannot ${action}: its value${fault}, which JSON cannot carry`);
  const text = JSON.stringify(value);
  if (text.length > lengthMax)
    throw new RangeError(`Cannot ${action}: its value is ${text.length} characters of JSON, more than ${lengthMax}`);
  return text;
}

export const decodeValue = <T>(text: string): T => JSON.parse(text) as T;

/** Refuses a key or table name that a storage could not give back unchanged. */
export function checkName(action: string, what: string, name: unknown): asserts name is string {
  checkString(action, what, name);
  if (name.length === 0 || name.length > NAME_LENGTH_MAX || name.includes('\0') || !name.isWellFormed())
    throw new RangeError(
      `Cannot ${action} with ${what} ${quote(name)}: expected 1 to ${NAME_LENGTH_MAX} characters of well-formed text without NUL`,
    );
}

function findFault(value: unknown, path: string, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : ` has ${value}${at(path)}`;
    case 'object':
      return value === null ? undefined : findFaultWithin(value, path, depth + 1);
    default:
      return ` has ${quote(value)}${at(path)}`;
  }
}

function findFaultWithin(value: object, path: string, depth: number): string | undefined {
  if (depth > DEPTH_MAX) return ` is more than ${DEPTH_MAX} levels deep`;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const fault = findFault(value[index], `${path}[${index}]`, depth);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return ` has an instance of ${prototype.constructor?.name}${at(path)}`;
  for (const [key, field] of Object.entries(value)) {
    const fault = field === undefined ? undefined : findFault(field, `${path}.${key}`, depth);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const at = (path: string): string => (path === '' ? '' : ` at ${path}`);
