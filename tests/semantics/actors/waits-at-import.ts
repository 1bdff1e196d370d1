/** A module that never finishes loading in a worker: it waits for what nobody tells. */
import { isMainThread } from 'node:worker_threads';
import { remote } from '@heddle/actors';

if (!isMainThread) await new Promise(() => {});

export const WaitsAtImport = remote(
  import.meta,
  class WaitsAtImport {
    value(): number {
      return 1;
    }
  },
);
