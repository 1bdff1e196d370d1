/** Killing a tree, one verified process at a time, until nothing of it is found any more. */
import type { Clock } from '@heddle/base';
import { type KillReport, SIGNALS_REPORTED_MAX } from './attempt.ts';
import type { ControlGroup } from './control-group.ts';
import type { JobTree } from './job-tree.ts';
import { pause } from './node-clock.ts';
import { isSameProcess, type ProcessFacts, type ProcessLook } from './process-table.ts';

/** Looks without a find that make it sure: one may miss a process that is just changing its program. */
const EMPTY_LOOKS = 2;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;
const DEADLINE_MS = 10_000;

/** The signals of one operation, in order, each once: who takes a moment to die may be signalled twice. */
export class SignalList {
  readonly #signals: { pid: number; signal: string }[] = [];
  readonly #sent = new Set<string>();

  /** All of them, those that a report leaves out too. */
  get count(): number {
    return this.#sent.size;
  }

  add(pid: number, signal: string): void {
    const name = `${pid} ${signal}`;
    if (this.#sent.has(name)) return;
    this.#sent.add(name);
    if (this.#signals.length < SIGNALS_REPORTED_MAX) this.#signals.push({ pid, signal });
  }

  /** `groups`: in which the processes were looked for, beside their marks. */
  toReport(survivors: readonly number[] = [], groups: readonly ControlGroup[] = []): KillReport {
    return {
      signals: this.#signals,
      survivors: survivors.slice(0, SIGNALS_REPORTED_MAX),
      containment: groups.length > 0 ? 'cgroup' : 'marker',
    };
  }
}

/**
 * SIGKILL to each living process of `tree` and to all in its `groups`, looking again until two looks find none or 10 s
 * are over. Gives the pids of those that were still there then.
 */
export async function killUntilGone(
  tree: JobTree,
  look: () => Promise<ProcessLook>,
  signals: SignalList,
  clock: Clock,
  groups: readonly ControlGroup[] = [],
): Promise<number[]> {
  const deadlineMs = clock.monotonicMs() + DEADLINE_MS;
  let pauseMs = FIRST_PAUSE_MS;
  for (let empty = 0; ; ) {
    const found = tree.select(await look());
    const members = groups.flatMap((group) => group.members());
    empty = found.length === 0 && members.length === 0 ? empty + 1 : 0;
    if (empty === EMPTY_LOOKS) return [];
    if (clock.monotonicMs() >= deadlineMs) return [...new Set([...members, ...found.map(({ pid }) => pid)])];
    killGroups(groups, signals);
    for (const facts of found) killVerified(facts, signals);
    await pause(clock, pauseMs);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

/** Kills all that is in them. */
export function killGroups(groups: readonly ControlGroup[], signals: SignalList): void {
  for (const group of groups) for (const pid of group.kill()) signals.add(pid, 'SIGKILL');
}

/** Kills a process that was seen, unless its pid has become another's. */
export const killVerified = (seen: ProcessFacts, signals: SignalList): void => signalVerified(seen, 'SIGKILL', signals);

/** The same with any signal. */
export function signalVerified(seen: ProcessFacts, signal: NodeJS.Signals, signals: SignalList): void {
  if (!isSameProcess(seen)) return;
  try {
    process.kill(seen.pid, signal);
    signals.add(seen.pid, signal);
  } catch {
    // It has just ended, or is not ours to signal: the next look tells.
  }
}
