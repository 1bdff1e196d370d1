/** How a launcher fares, as data on both sides of the socket. */
import type { Containment } from './attempt.ts';

export interface SweepStats {
  readonly sweeps: number;
  /** Processes found alive after their job's end, and killed. */
  readonly leftoversKilled: number;
  /** How long the latest sweep took. */
  readonly lastSweepMs: number;
}

export interface JournalStats {
  /** Length of what it says. */
  readonly bytes: number;
  /** Room that the file system has already given for more. */
  readonly aheadBytes: number;
  readonly syncs: number;
  readonly rewrites: number;
  /** Why nothing can be made durable at present. */
  readonly failure: string | null;
}

export interface LauncherStatus {
  readonly pid: number;
  readonly startedAtMs: number;
  /** What an attempt gets that asks for `auto`. */
  readonly containment: Containment;
  /** Where groups are made, or why none can be, for people. Missing: a launcher that knows nothing of groups. */
  readonly containmentReason?: string;
  /** Attempts that are claimed or run. */
  readonly running: number;
  /** Attempts that are remembered, these included. */
  readonly attempts: number;
  readonly spawned: number;
  readonly sweep: SweepStats;
  readonly journal: JournalStats;
  readonly memoryBytes: number;
}
