/**
 * What the server needs of a job manager, and of a runtime: nothing else of them is reachable over HTTP.
 * `JobManager` and `Runtime` fit as they are.
 */
import type {
  ActorInfo,
  JobInfo,
  JobStatus,
  JobSubmission,
  LogChunk,
  OrphanCounts,
  QueueCounts,
  RecoveryCounts,
  ResourceAmounts,
  SupervisorCounts,
  WorkerInfo,
} from '@heddle/api';

/** Which part of a log: a range of bytes, or the last `tail` lines. */
export interface LogRange {
  readonly offset?: number;
  readonly limit?: number;
  readonly tail?: number;
}

export interface JobService {
  submitJob(submission: JobSubmission): Promise<string>;
  getJobInfo(submissionId: string): Promise<JobInfo>;
  listJobs(): Promise<readonly JobInfo[]>;
  stopJob(submissionId: string): Promise<boolean>;
  deleteJob(submissionId: string): Promise<void>;
  /** Rejects before there is anything to iterate over. */
  streamJobLog(submissionId: string, range: LogRange): Promise<AsyncIterable<Uint8Array>>;
  /** Ends after the job's terminal status is visible; rejects with the signal's reason. */
  tailJobLogChunks(submissionId: string, options: { offset: number; signal: AbortSignal }): AsyncIterable<LogChunk>;
  hasPackage(name: string): Promise<boolean>;
  /** Takes it as it comes, and rejects once it is too long. */
  putPackage(name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** All that is durable, as one file. */
  streamBackup(): Promise<AsyncIterable<Uint8Array>>;
  stats(): JobServiceStats;
}

export interface JobServiceStats {
  readonly jobs: Readonly<Record<JobStatus, number>>;
  readonly waiting: number;
  readonly queue: QueueCounts;
  readonly resources: ResourceAmounts;
  readonly supervisors: SupervisorCounts;
  readonly recovered: RecoveryCounts;
  readonly orphans: OrphanCounts;
  readonly launcher: { readonly pid: number | null; readonly containment: 'cgroup' | 'marker' | null };
  readonly isDegraded: boolean;
  readonly problems: readonly string[];
}

export interface RuntimeView {
  listActors(): readonly ActorInfo[];
  listWorkers(): readonly WorkerInfo[];
  /** Ends a thread as a crash would. */
  terminateWorker(workerId: string): Promise<void>;
}
