/**
 * Finds what is there and should not be, kills it, and counts it; and gives the launcher leave to forget what
 * is over. At the manager's start and every `sweepPeriodMs`.
 */
import type { OrphanCounts } from '@heddle/api';
import type { Clock, Logger } from '@heddle/base';
import type { LauncherClient, MarkedProcess } from '@heddle/launcher';
import { firstAttemptId, isPastAttempt } from './attempt-id.ts';
import type { JobBoard } from './job-board.ts';
import type { JobQueue } from './job-queue.ts';
import { toAttemptIdOfMark } from './launch-request.ts';
import type { MarkedProcessScan } from './marked-processes.ts';
import { judgeOrphans } from './orphans.ts';
import type { Supervisors } from './supervisors.ts';

export interface OrphanSweepParts {
  readonly identity: string;
  readonly board: JobBoard;
  readonly queue: JobQueue;
  readonly supervisors: Pick<Supervisors, 'living' | 'kill'>;
  readonly processes: Pick<MarkedProcessScan, 'find' | 'killFound'>;
  readonly launcher: { get(): Promise<Pick<LauncherClient, 'reports' | 'settle'>> };
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gives a job the supervisor it lacks. */
  readonly supervise: (submissionId: string) => void;
}

/** A job's end takes a moment; what is over for less is left to those whose work it is. */
const GRACE_MS = 5_000;

export class OrphanSweep {
  readonly #parts: OrphanSweepParts;
  /** Everything found since the manager was opened. */
  #counts: OrphanCounts = { leftovers: 0, unrecorded: 0, supervisors: 0, unsupervised: 0, killed: 0, survivors: 0 };
  #running: Promise<void> | undefined;

  constructor(parts: OrphanSweepParts) {
    this.#parts = parts;
  }

  get counts(): OrphanCounts {
    return this.#counts;
  }

  /** One sweep; who asks while one is under way gets that one. `graceMs` 0: nobody else is left whose work it could be. */
  run(graceMs = GRACE_MS): Promise<void> {
    this.#running ??= this.#sweep(graceMs).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #sweep(graceMs: number): Promise<void> {
    const { identity, board, queue, supervisors, clock } = this.#parts;
    const processes = await this.#parts.processes.find();
    const orphans = judgeOrphans({
      jobs: board,
      processes,
      supervisors: supervisors.living(),
      isWaiting: (submissionId) => queue.has(submissionId),
      toAttemptId: (mark) => toAttemptIdOfMark(identity, mark),
      nowMs: clock.monotonicMs(),
      graceMs,
    });
    for (const submissionId of orphans.unsupervised) this.#parts.supervise(submissionId);
    for (const { submissionId } of orphans.supervisors) await supervisors.kill(submissionId);
    const dead = await this.#killProcesses([...orphans.leftovers, ...orphans.unrecorded]);
    this.#add({
      leftovers: orphans.leftovers.length,
      unrecorded: orphans.unrecorded.length,
      supervisors: orphans.supervisors.length,
      unsupervised: orphans.unsupervised.length,
      killed: orphans.supervisors.length + dead.killed,
      survivors: dead.survivors,
    });
    await this.#settle();
  }

  async #killProcesses(processes: readonly MarkedProcess[]): Promise<{ killed: number; survivors: number }> {
    if (processes.length === 0) return { killed: 0, survivors: 0 };
    const report = await this.#parts.processes.killFound(processes);
    return { killed: processes.length - report.survivors.length, survivors: report.survivors.length };
  }

  #add(found: OrphanCounts): void {
    const counts = this.#counts;
    this.#counts = {
      leftovers: counts.leftovers + found.leftovers,
      unrecorded: counts.unrecorded + found.unrecorded,
      supervisors: counts.supervisors + found.supervisors,
      unsupervised: counts.unsupervised + found.unsupervised,
      killed: counts.killed + found.killed,
      survivors: counts.survivors + found.survivors,
    };
    if (Object.values(found).some((count) => count > 0)) this.#parts.logger.warn({ ...found }, 'orphans found');
  }

  /** What the launcher still remembers of jobs that are over may be forgotten; nobody will ask. */
  async #settle(): Promise<void> {
    const launcher = await this.#parts.launcher.get();
    const open = new Map(Array.from(this.#parts.board.openJobs, (job) => [firstAttemptId(job.attemptId), job]));
    const isOver = (attemptId: string) => {
      const job = open.get(firstAttemptId(attemptId));
      return job === undefined || isPastAttempt(attemptId, job.attemptId);
    };
    const reports = await launcher.reports();
    // What runs under this launcher has an end to be told; what a dead one has left behind never will.
    const over = reports.filter(
      (report) => (report.phase !== 'started' || report.isOrphaned) && isOver(report.attemptId),
    );
    if (over.length > 0) await launcher.settle(over.map((report) => report.attemptId));
  }
}
