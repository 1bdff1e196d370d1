/** What of a machine a supervision needs: who starts and ends processes, and who sees them. */
import type { AttemptReport, Exited, KillReport, LaunchRequest, Started } from '@heddle/launcher';

/** The launcher as a supervisor needs it. `LauncherClient` is one. */
export interface AttemptLauncher {
  launch(request: LaunchRequest): Promise<Started>;
  refuse(attemptId: string, jobId: string): Promise<AttemptReport>;
  report(attemptId: string): Promise<AttemptReport | undefined>;
  exited(attemptId: string): Promise<Exited>;
  stop(attemptId: string, options: { signal: string; graceMs: number }): Promise<KillReport>;
}

/** The processes that carry a mark. */
export interface MarkedProcesses {
  count(mark: string): Promise<number>;
  /** Kills until two looks find none. */
  kill(mark: string): Promise<KillReport>;
}
