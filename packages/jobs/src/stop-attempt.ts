/** The one way in which an attempt, or the set-up before it, is made to end: as its job asked for. */
import type { KillReport } from '@heddle/launcher';
import type { JobRecord } from './job-record.ts';
import type { AttemptLauncher } from './machine.ts';

/** Stops it, or waits with whoever did, until its whole tree is gone. */
export const stopAttempt = (
  launcher: AttemptLauncher,
  attemptId: string,
  { stopSignal, gracePeriodMs }: JobRecord,
): Promise<KillReport> => launcher.stop(attemptId, { signal: stopSignal, graceMs: gracePeriodMs });
