/** A manager's counts, put together from what its parts know. It only looks. */
import type {
  JobStatus,
  OrphanCounts,
  QueueCounts,
  RecoveryCounts,
  ResourceAmounts,
  SupervisorCounts,
} from '@heddle/api';
import type { ManagerParts } from './manager-parts.ts';
import { toProblems } from './problems.ts';

/** The manager's counts. */
export interface JobManagerStats {
  /** The state directory, absolute. */
  readonly directory: string;
  readonly jobs: Readonly<Record<JobStatus, number>>;
  /** Of the PENDING jobs, how many wait for their turn. */
  readonly waiting: number;
  readonly queue: QueueCounts;
  /** What jobs may ask for, and what those hold that have had their turn. */
  readonly resources: ResourceAmounts;
  readonly supervisors: SupervisorCounts;
  readonly recovered: RecoveryCounts;
  readonly orphans: OrphanCounts;
  readonly launcher: {
    /** Null while there is none. */
    readonly pid: number | null;
    readonly protocol: number | null;
    /** What holds the processes of a job together that is started now. */
    readonly containment: 'cgroup' | 'marker' | null;
    /** How many have died while this manager lived. */
    readonly lost: number;
  };
  /** Something needs attention: `problems` says what. */
  readonly isDegraded: boolean;
  /** For people, in words: what needs attention, and why. */
  readonly problems: readonly string[];
}

const NOTHING_RECOVERED: RecoveryCounts = { adopted: 0, settled: 0, queued: 0, lost: 0, durationMs: 0 };

/** `recovered`: undefined while that is not over. */
export function toStats(parts: ManagerParts, recovered: RecoveryCounts | undefined): JobManagerStats {
  const { board, queue, supervisors, replacements, sweep } = parts;
  const { size: watched, unreachable, struggling } = supervisors;
  const problems = problemsOf(parts);
  return {
    directory: parts.state.paths.directory,
    jobs: countByStatus(board.jobs),
    waiting: queue.size,
    queue: queue.counts(),
    resources: queue.amounts(board),
    supervisors: { watched, unreachable, struggling, replaced: replacements.made },
    recovered: recovered ?? NOTHING_RECOVERED,
    orphans: sweep.counts,
    launcher: launcherStats(parts),
    isDegraded: problems.length > 0,
    problems,
  };
}

function problemsOf({ state, stateWatch, launcher, supervisors }: ManagerParts): string[] {
  const { unreachable, struggling, struggle } = supervisors;
  return toProblems({
    ...stateWatch.facts,
    directory: state.paths.directory,
    hasLauncher: launcher.present !== undefined,
    unreachable,
    struggling,
    struggle,
  });
}

function launcherStats({ launcher, options }: ManagerParts): JobManagerStats['launcher'] {
  const { present, lostCount: lost } = launcher;
  if (present === undefined) return { pid: null, protocol: null, containment: null, lost };
  const containment = options.containment === 'marker' ? 'marker' : present.containment;
  return { pid: present.pid, protocol: present.protocol, containment, lost };
}

function countByStatus(jobs: Iterable<{ readonly status: JobStatus }>): Record<JobStatus, number> {
  const counts: Record<JobStatus, number> = { PENDING: 0, RUNNING: 0, STOPPED: 0, SUCCEEDED: 0, FAILED: 0 };
  for (const { status } of jobs) counts[status] += 1;
  return counts;
}
