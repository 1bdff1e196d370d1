import { isMainThread } from 'node:worker_threads';
import { init, remote } from '@heddle/actors';

if (!isMainThread) await init();

export const InitsAtImport = remote(
  import.meta,
  class InitsAtImport {
    value(): number {
      return 1;
    }
  },
);
