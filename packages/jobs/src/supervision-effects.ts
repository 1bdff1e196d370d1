/** What a supervision does to the world: the supervisor actor and the tests each bring their own. */
import type { Clock } from '@heddle/base';
import type { PidSpace, Started } from '@heddle/launcher';
import type { JobRecord } from './job-record.ts';
import type { JobEntry, JobRecords } from './job-records.ts';
import type { LogLooks } from './log-looks.ts';
import type { AttemptLauncher, MarkedProcesses } from './machine.ts';
import type { Workspace } from './workspace.ts';

export interface SupervisionEffects {
  readonly here: PidSpace;
  readonly clock: Clock;
  /** The present connection to the jobs table. Rejects while there is none. */
  records(): JobRecords | Promise<JobRecords>;
  /** A living launcher, started if need be. */
  launcher(): AttemptLauncher | Promise<AttemptLauncher>;
  readonly processes: MarkedProcesses;
  /** Where the job is to start; a package is unpacked for it. */
  workspace(record: JobRecord): Promise<Workspace | { readonly problem: string }>;
  /** Default: the files. */
  readonly logs?: LogLooks;
  /** How long a process has run. */
  ageMs(started: Started): number;
  /** The record is terminal and durable: the launcher may forget the attempt. */
  settled(attemptId: string): void;
}

/** What a turn has in its hands: the present connections, and the record as it has found it. */
export interface TurnGround {
  readonly records: JobRecords;
  readonly launcher: AttemptLauncher;
  readonly entry: JobEntry;
}
