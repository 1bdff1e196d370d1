/**
 * Whether objects stand inside each other more than `limit` levels deep, in the order in which structured
 * cloning visits them. It needs no stack itself, so it may be asked about any value.
 *
 * A thread can clone a value that another one, with less stack, cannot read back; such a message is lost. So
 * what is cloned for another thread is measured first. Views of binary data have no levels.
 */
export function nestsDeeperThan(limit: number, value: unknown): boolean {
  const met = new Set<object>();
  const path: Iterator<unknown>[] = [];
  for (let at: unknown = value; ; ) {
    if (typeof at === 'object' && at !== null && !met.has(at)) {
      if (path.length >= limit) return true;
      met.add(at);
      path.push(partsOf(at));
    }
    for (;;) {
      const parts = path.at(-1);
      if (parts === undefined) return false;
      const next = parts.next();
      if (next.done !== true) {
        at = next.value;
        break;
      }
      path.pop();
    }
  }
}

function* partsOf(value: object): Generator<unknown> {
  if (value instanceof Map) {
    for (const [key, part] of value) {
      yield key;
      yield part;
    }
  } else if (value instanceof Set) {
    yield* value;
  } else if (!ArrayBuffer.isView(value)) {
    for (const key of Object.keys(value)) yield (value as Record<string, unknown>)[key];
    if (value instanceof Error) yield value.cause;
  }
}
