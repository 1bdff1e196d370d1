/** What stands in a batch as it is: nothing inside it can change, or be a handle or a ref. */
export function isPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'undefined':
    case 'bigint':
      return true;
    case 'object':
      return value === null;
    default:
      return false;
  }
}
