/**
 * What the journal says, record by record. Fields and kinds are only ever added.
 *
 *   claimed   this attempt is this launcher's, and may be spawned from now on: durable before the spawn
 *   refused   this attempt will never be spawned: durable before anybody is told
 *   started   it was spawned, and this is the process
 *   failed    it could not be spawned
 *   exited    the process has ended, and so
 *   stop      somebody wants it to end
 *   stopped   its whole tree is gone, or the deadline has passed
 *   leftovers what was found of it after its end
 *   settled   the daemon has the facts durable, or there are none, for a claim was given back: they may be forgotten
 *   attempt   everything about one attempt in one record: what a rewritten journal consists of
 */
import type { AttemptReport, Exited, KillReport, Started } from './attempt.ts';

export type JournalRecord =
  | { readonly type: 'claimed'; readonly attemptId: string; readonly jobId: string; readonly marker: string }
  | { readonly type: 'refused'; readonly attemptId: string; readonly jobId: string }
  | { readonly type: 'started'; readonly attemptId: string; readonly started: Started }
  | { readonly type: 'failed'; readonly attemptId: string; readonly failure: string }
  | { readonly type: 'exited'; readonly attemptId: string; readonly exited: Exited }
  | {
      readonly type: 'stop';
      readonly attemptId: string;
      readonly requestedAtMs: number;
      readonly signal: string;
      readonly graceMs: number;
    }
  | { readonly type: 'stopped'; readonly attemptId: string; readonly report: KillReport }
  | { readonly type: 'leftovers'; readonly attemptId: string; readonly report: KillReport }
  | { readonly type: 'settled'; readonly attemptIds: readonly string[] }
  | { readonly type: 'attempt'; readonly marker: string; readonly report: AttemptReport };
