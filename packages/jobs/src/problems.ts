/**
 * What needs somebody's attention, in words: why the daemon calls itself degraded. Pure.
 *
 * Each is a fact and, where there is one, what to do about it. None means that a job was lost: what was promised
 * stays durable, and what cannot be written now is tried again.
 */
export interface ManagerFacts {
  readonly directory: string;
  readonly hasLauncher: boolean;
  /** Why the launcher cannot write its journal. */
  readonly journalFailure: string | null;
  /** A launcher that lives and does not answer. `isStopped`: by SIGSTOP. */
  readonly silentLauncher: { readonly pid: number; readonly isStopped: boolean } | undefined;
  /** Why the tables could not be written the last time. */
  readonly storageFailure: string | null;
  /** Why nothing can be written into the directory, or undefined while it can be. */
  readonly directoryFailure: string | undefined;
  /** Bytes that its file system still gives; undefined where that cannot be told. */
  readonly freeBytes: number | undefined;
  readonly unreachable: number;
  readonly struggling: number;
  /** What one of those that struggle has said. */
  readonly struggle: string | undefined;
}

/** Less than this is said before it is too late. */
export const FREE_BYTES_LOW = 64 * 2 ** 20;

export function toProblems(facts: ManagerFacts): string[] {
  const problems: string[] = [];
  const { directory, freeBytes } = facts;
  if (facts.directoryFailure !== undefined)
    problems.push(`state directory "${directory}" cannot be written: ${facts.directoryFailure}`);
  else if (freeBytes !== undefined && freeBytes < FREE_BYTES_LOW)
    problems.push(`state directory "${directory}" is nearly full: ${toMib(freeBytes)} MiB are free; make room`);
  if (facts.storageFailure !== null) problems.push(`the tables cannot be written: ${facts.storageFailure}`);
  if (!facts.hasLauncher) problems.push('there is no launcher; one is being started');
  if (facts.silentLauncher !== undefined) problems.push(silenceOf(facts.silentLauncher));
  if (facts.journalFailure !== null)
    problems.push(`the launcher cannot write its journal, and starts no jobs: ${facts.journalFailure}`);
  if (facts.unreachable > 0) problems.push(`${countOf(facts.unreachable)} not answer`);
  if (facts.struggling > 0)
    problems.push(
      `${countOf(facts.struggling, 'fails and tries', 'fail and try')} again: ${facts.struggle ?? 'no reason given'}`,
    );
  return problems;
}

const silenceOf = ({ pid, isStopped }: NonNullable<ManagerFacts['silentLauncher']>): string => {
  const fact = isStopped ? `is stopped; continue it with "kill -CONT ${pid}"` : 'does not answer';
  return `no job starts, for the launcher, process ${pid}, ${fact}`;
};

const toMib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

const countOf = (count: number, one = 'does', many = 'do'): string =>
  count === 1 ? `1 supervisor ${one}` : `${count} supervisors ${many}`;
