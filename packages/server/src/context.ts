/** What every route is handed. */
import type { NodeIdentity } from '@heddle/api';
import type { Clock, Logger } from '@heddle/base';
import type { RuntimeView } from './job-service.ts';
import type { LogTails } from './log-tails.ts';
import type { Readiness } from './readiness.ts';

export interface ServerContext {
  readonly readiness: Readiness;
  readonly runtime: RuntimeView;
  readonly tails: LogTails;
  readonly node: NodeIdentity;
  readonly directory: string;
  readonly startedAtMs: number;
  /** Ends the daemon, once the answer is on its way. */
  readonly shutdown: (stopJobs: boolean) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}
