/** A module that stops the worker that loads it. */
import { isMainThread } from 'node:worker_threads';
import { remote } from '@heddle/actors';
import { neverReturn } from './stuck.ts';

if (!isMainThread) neverReturn();

export const StuckAtImport = remote(
  import.meta,
  class StuckAtImport {
    value(): number {
      return 1;
    }
  },
);
