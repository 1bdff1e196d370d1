/** A ref as it stands in a batch. */
export interface RefField {
  /** Node's number of the owner's thread. */
  readonly owner: number;
  /** The owner's number of the object. */
  readonly object: number;
  readonly weight: number;
}
