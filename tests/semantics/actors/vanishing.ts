/** A module whose class is there in the driver, and that a worker finds without it. */
import { isMainThread } from 'node:worker_threads';
import { remote } from '@heddle/actors';

const Declared = class Vanishing {
  value(): number {
    return 1;
  }
};

const make = () => remote(import.meta, Declared);
export const Vanishing = isMainThread ? make() : (undefined as unknown as ReturnType<typeof make>);
