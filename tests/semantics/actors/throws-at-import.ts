import { isMainThread } from 'node:worker_threads';
import { remote } from '@heddle/actors';

if (!isMainThread) throw new RangeError('not in a worker');

export const Unreachable = remote(
  import.meta,
  class Unreachable {
    value(): number {
      return 1;
    }
  },
);
