/**
 * Why a job is made to end before it does so by itself. Pure.
 *
 * The cause is durable before anything is signalled, so that whoever goes on after a crash gives the same reason.
 * A user's stop outranks the rest: who asked for it sees STOPPED, and no further attempt. Among the others the
 * first one counts. An end of its own that came before the cause is the job's own end.
 */
import type { JobErrorType } from '@heddle/api';

export type EndReason = 'timeout' | 'start-timeout' | 'supervisor-died';

/** As the record has it. */
export interface Ending {
  readonly reason: EndReason;
  readonly atMs: number;
}

export type EndCause =
  | { readonly reason: 'stop'; readonly atMs: number }
  | {
      readonly reason: EndReason;
      readonly atMs: number;
      readonly errorType: JobErrorType;
      readonly message: string;
    };

/** What of a record says that its job is to end. */
export interface EndFacts {
  readonly stopRequestedAtMs: number | null;
  readonly ending: Ending | null;
  readonly timeoutMs: number | null;
}

/** Undefined: it may run. */
export function endCauseOf({ stopRequestedAtMs, ending, timeoutMs }: EndFacts): EndCause | undefined {
  if (stopRequestedAtMs !== null) return { reason: 'stop', atMs: stopRequestedAtMs };
  if (ending === null) return undefined;
  switch (ending.reason) {
    case 'timeout':
      return {
        ...ending,
        errorType: 'JOB_TIMEOUT',
        message: `Job timed out: it ran for longer than its timeoutMs of ${timeoutMs} and was ended.`,
      };
    case 'start-timeout':
      return {
        ...ending,
        errorType: 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT',
        message: 'Job did not start in time: its start timeout passed while it waited, and it will never start.',
      };
    case 'supervisor-died':
      return {
        ...ending,
        errorType: 'JOB_SUPERVISOR_ACTOR_DIED',
        message: 'Job supervisor actor died, and the job shares its fate (fateSharing): its processes were ended.',
      };
  }
}
