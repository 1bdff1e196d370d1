import type { BorrowedObject } from './borrowed-object.ts';
import type { ObjectRef } from './object-ref.ts';
import type { OwnedObject } from './owned-object.ts';
import type { Parcel } from './parcel.ts';
import type { RefField } from './ref-field.ts';

/** A ref in encoded fields. */
export class RefParcel implements Parcel {
  readonly field: RefField;
  readonly leave: () => RefField;
  readonly #ref: ObjectRef;
  readonly #object: OwnedObject | BorrowedObject;

  constructor(ref: ObjectRef, object: OwnedObject | BorrowedObject, field: RefField, leave: () => RefField) {
    this.#ref = ref;
    this.#object = object;
    this.field = field;
    this.leave = leave;
  }

  hold(): void {
    this.#object.hold(this.#ref);
  }

  letGo(): void {
    this.#object.letGo();
  }
}
