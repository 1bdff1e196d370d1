/**
 * Checks for options, in one grammar: *Cannot <action> with <name> <value>: expected <what>*.
 * A wrong type is a `TypeError`, a wrong value a `RangeError`; both quote what was given.
 */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value === 'object' && value !== null) return quoteObject(value);
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

/** A plain object or an array as it is; a date, a map, a handle by its kind. */
function quoteObject(value: object): string {
  const kind = Object.prototype.toString.call(value);
  if (kind !== '[object Object]' && kind !== '[object Array]') return kind;
  try {
    const text = JSON.stringify(value) ?? kind;
    return text.length > 100 ? `${text.slice(0, 100)}…` : text;
  } catch {
    return kind; // A cycle, or a getter that throws.
  }
}

export interface IntegerRange {
  readonly min: number;
  readonly max?: number;
}

export function checkInteger(
  action: string,
  name: string,
  value: unknown,
  range: IntegerRange,
): asserts value is number {
  if (typeof value !== 'number') throw wrongType(action, name, value, 'an integer');
  const max = range.max ?? Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value) || value < range.min || value > max) {
    const limits = range.max === undefined ? `of ${range.min} or more` : `from ${range.min} to ${range.max}`;
    throw new RangeError(`Cannot ${action} with ${name} ${quote(value)}: expected an integer ${limits}`);
  }
}

export function checkNumber(
  action: string,
  name: string,
  value: unknown,
  range: IntegerRange,
): asserts value is number {
  if (typeof value !== 'number') throw wrongType(action, name, value, 'a number');
  if (!(value >= range.min && value <= (range.max ?? Number.MAX_VALUE)))
    throw new RangeError(`Cannot ${action} with ${name} ${quote(value)}: expected a number of ${range.min} or more`);
}

export function checkBoolean(action: string, name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw wrongType(action, name, value, 'true or false');
}

export function checkString(action: string, name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw wrongType(action, name, value, 'a string');
}

export function checkOneOf<T extends string>(
  action: string,
  name: string,
  value: unknown,
  allowed: readonly T[],
): asserts value is T {
  if (typeof value !== 'string') throw wrongType(action, name, value, `one of ${allowed.map(quote).join(', ')}`);
  if (!(allowed as readonly string[]).includes(value))
    throw new RangeError(
      `Cannot ${action} with ${name} ${quote(value)}: expected one of ${allowed.map(quote).join(', ')}`,
    );
}

/** Refuses an option that does not exist: a misspelt limit must not pass for none. */
export function checkKnown(action: string, given: object, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`Cannot ${action} with options ${quote(given)}: expected an object`);
  for (const key of Object.keys(given)) {
    if (!known.includes(key))
      throw new TypeError(`Cannot ${action} with option ${quote(key)}: expected one of ${known.map(quote).join(', ')}`);
  }
}

export function wrongType(action: string, name: string, value: unknown, expected: string): TypeError {
  return new TypeError(
    `Cannot ${action} with ${name} ${quote(value)} (${value === null ? 'null' : typeof value}): expected ${expected}`,
  );
}
