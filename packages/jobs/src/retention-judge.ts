/**
 * Which finished jobs are forgotten. Pure. The ones that ended first go first, and the log goes with the record.
 */
export interface FinishedJob {
  readonly submissionId: string;
  readonly endedAtMs: number;
  readonly logBytes: number;
}

/** Whatever is beyond one of these goes. */
export interface RetentionPolicy {
  /** So many finished jobs stay. */
  readonly jobs: number;
  /** So many bytes of their logs. */
  readonly logBytes: number;
  /** For so long; null: however old. */
  readonly ageMs: number | null;
}

/** Those to forget, the oldest first. */
export function judgeRetention(finished: Iterable<FinishedJob>, policy: RetentionPolicy, nowMs: number): string[] {
  const jobs = [...finished].sort((one, other) => one.endedAtMs - other.endedAtMs);
  let bytes = jobs.reduce((sum, job) => sum + job.logBytes, 0);
  const kept = jobs.findIndex((job, at) => {
    const isTooOld = policy.ageMs !== null && nowMs - job.endedAtMs >= policy.ageMs;
    const isTooMuch = jobs.length - at > policy.jobs || bytes > policy.logBytes;
    bytes -= job.logBytes;
    return !isTooOld && !isTooMuch;
  });
  return (kept === -1 ? jobs : jobs.slice(0, kept)).map((job) => job.submissionId);
}
