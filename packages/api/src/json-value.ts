/**
 * What a body may hold. A body is parsed JSON from a stranger: it must not be deep enough to exhaust a stack,
 * nor carry keys that would reach an object's prototype where it is copied.
 */
import { badRequest } from './wire-error.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue };

export const JSON_DEPTH_MAX = 64;
const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

export const isJsonObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws WireError 400 for a value deeper than `JSON_DEPTH_MAX` or with a forbidden key. */
export function checkJson(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth >= JSON_DEPTH_MAX) throw badRequest(`request body is nested deeper than ${JSON_DEPTH_MAX} levels`);
  if (Array.isArray(value)) {
    for (const item of value) checkJson(item, depth + 1);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.includes(key)) throw badRequest(`request body has the forbidden key '${key}'`);
    checkJson(item, depth + 1);
  }
}

/** The class that Python would give a JSON value, as its error texts print it. */
export function pythonClass(value: unknown): string {
  return `<class '${pythonTypeName(value)}'>`;
}

function pythonTypeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    default:
      return 'dict';
  }
}
