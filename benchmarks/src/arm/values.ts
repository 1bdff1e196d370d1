/** What calls carry, and how the receiver sees that it arrived whole. */

export type ValueName = 'nothing' | 'object' | 'string' | 'bytes';

const TEXT = 'heddle'.repeat(171).slice(0, 1024);
const BYTES = 65_536;

/** A nested object of ten fields. */
const order = () => ({
  id: 123_456,
  customer: { name: 'Grace Hopper', city: 'Arlington', isKnown: true },
  amount: 99.5,
  paid: false,
  item: { sku: 'HD-7', count: 3 },
  note: null,
});

export function makeValue(name: ValueName): unknown {
  switch (name) {
    case 'nothing':
      return undefined;
    case 'object':
      return order();
    case 'string':
      return TEXT;
    case 'bytes':
      return new Uint8Array(BYTES).fill(7);
  }
}

/** In the receiver. @throws Error for a value that did not arrive as one that `makeValue` makes. */
export function checkValue(value: unknown): void {
  if (value === undefined) return;
  const isWhole =
    typeof value === 'string'
      ? value.length === 1024
      : ArrayBuffer.isView(value)
        ? (value as Uint8Array)[value.byteLength - 1] === 7
        : (value as ReturnType<typeof order>).customer.name === 'Grace Hopper' &&
          (value as ReturnType<typeof order>).item.count === 3;
  if (!isWhole) throw new Error('Cannot trust this arm: a value did not arrive whole');
}
