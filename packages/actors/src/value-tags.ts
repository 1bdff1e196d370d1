/** How a value stands in a batch: a tag field, and what follows it. `Encoder` writes these, `Decoder` reads them. */

/** The low four bits of a tag field; the rest is its number: a shape, a length, an index. */
export const Tag = {
  Inline: 0,
  /** shape; a mask of which values are tagged; values, of which the others are primitives as they are. */
  MaskedObject: 1,
  /** shape; tagged values: an object with more keys than a mask has bits. */
  Object: 2,
  /** length; primitives. */
  FlatArray: 3,
  /** length; tagged values. */
  Array: 4,
  /** One field, cloned when it was encoded. */
  Cloned: 5,
  /** key count; keys; tagged values: an object whose shape is not kept. */
  Keyed: 6,
  /** size; tagged keys and values by turns. */
  Map: 7,
  /** size; tagged values. */
  Set: 8,
  /** One field: an encoded error. */
  Error: 9,
  /** index: the object met as number `index` of this argument. */
  Again: 10,
  /** One field each, written and read by the core: a handle, a ref. */
  Handle: 11,
  Ref: 12,
} as const;

export const TAG_BITS = 4;
