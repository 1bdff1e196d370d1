/** Checks of options that `@heddle/base` has not, in its grammar. */
import { checkNumber, checkString, quote, wrongType } from '@heddle/base';
import { NAMED_RESOURCES } from './amounts.ts';

/** Not empty, and nothing that the kernel would cut short. */
export function checkText(action: string, name: string, value: unknown): asserts value is string {
  checkString(action, name, value);
  if (value === '') throw new RangeError(`Cannot ${action} with ${name} "": expected text`);
  if (value.includes('\0')) throw withNul(action, name, value);
}

export function checkStrings(action: string, name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongType(action, name, value, 'an object of strings');
  for (const [key, text] of Object.entries(value)) checkString(action, `${name}.${key}`, text);
}

export const withNul = (action: string, name: string, value: string): RangeError =>
  new RangeError(`Cannot ${action} with ${name} ${quote(value)}: it has a NUL character`);

/** Amounts by name, beside those that have an option of their own. */
export function checkAmounts(action: string, name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongType(action, name, value, 'an object of numbers');
  for (const [key, amount] of Object.entries(value)) {
    checkNumber(action, `${name}.${key}`, amount, { min: 0 });
    if (key === '' || NAMED_RESOURCES.includes(key))
      throw new RangeError(`Cannot ${action} with ${name} ${quote(key)}: that resource has an option of its own`);
  }
}

/** The options that were given. */
export function withoutUndefined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
