/** Memory whose address the system may be told: it stays where it is as long as this object lives. */
import type * as ffiModule from 'node:ffi';

export type Ffi = typeof ffiModule;

export const POINTER_BYTES = 8;

export class NativeMemory {
  readonly bytes: number;
  readonly #buffer: Buffer;
  readonly #base: bigint;
  #used = 0;

  constructor(ffi: Ffi, bytes: number) {
    const memory = new ArrayBuffer(bytes);
    this.bytes = bytes;
    this.#buffer = Buffer.from(memory);
    this.#base = ffi.getRawPointer(memory);
  }

  at(place: number): bigint {
    return this.#base + BigInt(place);
  }

  readInt32(place: number): number {
    return this.#buffer.readInt32LE(place);
  }

  writeInt32(place: number, value: number): void {
    this.#buffer.writeInt32LE(value, place);
  }

  writeInt64(place: number, value: bigint): void {
    this.#buffer.writeBigInt64LE(value, place);
  }

  readInt64(place: number): bigint {
    return this.#buffer.readBigInt64LE(place);
  }

  clear(): void {
    this.#used = 0;
  }

  /** Puts them behind what is there; gives where each is. */
  putTexts(texts: readonly string[]): bigint[] {
    return texts.map((text) => {
      const place = this.#used;
      this.#used += this.#buffer.write(text, place);
      this.#buffer[this.#used++] = 0;
      return this.at(place);
    });
  }

  /** The same for a list of pointers that ends in a null. */
  putPointers(pointers: readonly bigint[]): bigint {
    this.#used = Math.ceil(this.#used / POINTER_BYTES) * POINTER_BYTES;
    const place = this.#used;
    for (const pointer of [...pointers, 0n]) this.#used = this.#buffer.writeBigUInt64LE(pointer, this.#used);
    return this.at(place);
  }
}
