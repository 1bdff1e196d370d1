/** Finds the part of a value that cannot be sent. For an error: it is looked for only when sending has failed. */
import type { OwnValues } from './parcel.ts';
import { Transferred } from './transfer.ts';

/** A path is told up to this many steps: a cycle of parts that cannot be sent has no end. */
const PATH_STEPS_MAX = 100;

/** Where in `value` the part stands that cannot be sent: `.options.onDone`, `[3]`; empty when it is the value itself. */
export function pathToUnsendable(value: unknown, own: OwnValues, canSend: (part: unknown) => boolean): string {
  let path = '';
  let at = value;
  for (let steps = 0; steps < PATH_STEPS_MAX && typeof at === 'object' && at !== null; steps++) {
    const culprit = partsOf(at, own).find(([, part]) => !canSend(part));
    if (culprit === undefined) break;
    path += culprit[0];
    at = culprit[1];
  }
  return path;
}

type Part = readonly [step: string, part: unknown];

/** The parts of `value` that would be sent. None of a handle or a ref, and none when looking fails, as in a proxy whose traps throw. */
function partsOf(value: object, own: OwnValues): Part[] {
  try {
    return own.encodeOwn(value) === undefined ? namedParts(value) : [];
  } catch {
    return [];
  }
}

function namedParts(value: object): Part[] {
  if (value instanceof Transferred) return [['', value.value]]; // What moves stands where it would without `transfer`.
  if (Array.isArray(value)) return Array.from(value, (part, index): Part => [`[${index}]`, part]);
  if (value instanceof Map)
    return [...value].flatMap(([key, part]): Part[] => [
      [`[key ${keyText(key)}]`, key],
      [`[${keyText(key)}]`, part],
    ]);
  if (value instanceof Set) return Array.from(value, (part, index): Part => [`[${index}]`, part]);
  return Object.keys(value).map((key): Part => [keyStep(key), readOrSelf(value, key)]);
}

function readOrSelf(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return () => {}; // A getter that throws cannot be sent: stands for the part it hides.
  }
}

/** A key of a map in words: no code of the user's runs for it. */
function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'object' && key !== null ? Object.prototype.toString.call(key) : String(key);
}

const keyStep = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
