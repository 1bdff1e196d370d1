/**
 * Finding and killing the processes of jobs by the marks in their environments and by their control groups: for when
 * the launcher that was their parent is gone. Linux only: elsewhere nothing is found.
 *
 * A mark is `<identity of the state directory>:<attempt id>`. Only marks that were asked for are touched, so that
 * neighbours on the machine and innocents with the same command are safe. A group is named after its mark: who is in
 * it has that mark, whatever his environment says. `launcherDirectory` is where the launcher notes its groups; without
 * it only environments are read.
 */
import type { Clock } from '@heddle/base';
import { type KillReport, NOTHING_KILLED } from './attempt.ts';
import { findGroups, findMembers } from './group-roots.ts';
import { JobTree, type MarkChoice } from './job-tree.ts';
import { killUntilGone, SignalList } from './killing.ts';
import { launcherHome } from './launcher-home.ts';
import { lookAtProcesses, type ProcessFacts, readProcess } from './process-table.ts';

/** A living process that carries a mark, as it was when looked at. */
export interface MarkedProcess {
  readonly pid: number;
  readonly startTime: string;
  /** In its environment, or its group's. */
  readonly mark: string;
  /** The value of HEDDLE_JOB_ID in its environment. */
  readonly jobId: string | undefined;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
}

/** All living processes whose mark begins with `markPrefix` (`<identity>:`). Takes about 10 ms, in slices. */
export async function findMarked(markPrefix: string, launcherDirectory?: string): Promise<MarkedProcess[]> {
  checkMark('find processes', markPrefix);
  const found = new Map<number, MarkedProcess>();
  const look = await lookAtProcesses();
  for (const mark of look.marks().filter((each) => each.startsWith(markPrefix))) {
    for (const facts of look.markedWith(mark)) found.set(facts.pid, toMarked(facts, mark));
  }
  for (const { pid, mark } of await findMembers(groupsOf(markPrefix, launcherDirectory))) {
    const facts = found.has(pid) ? undefined : readProcess(pid);
    if (facts !== undefined && !facts.isZombie) found.set(pid, toMarked(facts, mark));
  }
  found.delete(process.pid);
  return [...found.values()];
}

const toIdentity = (mark: string): string => mark.slice(0, mark.indexOf(':'));

const groupsOf = (markPrefix: string, launcherDirectory: string | undefined) =>
  launcherDirectory === undefined ? [] : findGroups(launcherHome(launcherDirectory).groups, markPrefix);

/**
 * SIGKILL until two looks find nothing, or 10 s are over: to all processes that carry `marks` and their
 * descendants, each verified by start time and mark just before.
 *
 * `marks`: one mark; or a prefix that ends in `:`, for all of a directory; or processes that were found, standing
 * for all that carry their marks. Their groups go with them.
 */
export async function killMarked(
  marks: string | readonly MarkedProcess[],
  clock: Clock,
  launcherDirectory?: string,
): Promise<KillReport> {
  const choice = toChoice(marks);
  if (marks.length === 0) return NOTHING_KILLED;
  const identities = new Set((typeof marks === 'string' ? [marks] : marks.map(({ mark }) => mark)).map(toIdentity));
  const groups = [...identities]
    .flatMap((identity) => groupsOf(`${identity}:`, launcherDirectory))
    .filter(({ mark }) => (typeof choice === 'string' ? mark === choice : choice(mark)))
    .map(({ group }) => group);
  const signals = new SignalList();
  const survivors = await killUntilGone(new JobTree(choice), lookAtProcesses, signals, clock, groups);
  for (const group of groups) group.remove();
  return signals.toReport(survivors, groups);
}

function toChoice(marks: string | readonly MarkedProcess[]): MarkChoice {
  if (typeof marks !== 'string') {
    const wanted = new Set(marks.map(({ mark }) => mark));
    return (mark) => wanted.has(mark);
  }
  checkMark('kill processes', marks);
  return marks.endsWith(':') ? (mark) => mark.startsWith(marks) : marks;
}

const toMarked = ({ isZombie: _, ...facts }: ProcessFacts, mark: string): MarkedProcess => ({ ...facts, mark });

/** An empty prefix would mean every job on the machine. */
function checkMark(action: string, mark: string): void {
  if (!/^[^:]+:/.test(mark))
    throw new TypeError(
      `Cannot ${action} with mark ${JSON.stringify(mark)}: expected "<directory identity>:<attempt id>"`,
    );
}
