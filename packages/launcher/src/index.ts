export type {
  AttemptPhase,
  AttemptReport,
  Containment,
  ContainmentChoice,
  Exited,
  KillReport,
  LaunchRequest,
  LogLimit,
  Started,
  StopProgress,
} from './attempt.ts';
export { probeControlGroups } from './control-group-home.ts';
export * from './errors.ts';
export { FAULT_POINTS_VARIABLE, type FaultPoint, faultPoint } from './fault-point.ts';
export { FileLock } from './file-lock.ts';
export type { LockHolder } from './held-lock.ts';
export { LauncherClient, type LauncherClientOptions, type StopOptions } from './launcher-client.ts';
export { type LauncherLook, lookAtLaunchers } from './launcher-look.ts';
export type { JournalStats, LauncherStatus, SweepStats } from './launcher-status.ts';
export { findMarked, killMarked, type MarkedProcess } from './marked-processes.ts';
export { isStopped, JOB_ID_VARIABLE, JOB_MARK_VARIABLE, type PidSpace, readPidSpace } from './process-table.ts';
