/**
 * Ends one attempt's whole tree: its signal to the group, the grace, then SIGKILL to everything, until nothing of
 * it is found. Runs in the launcher, so it goes on when the daemon that asked for it dies.
 *
 *            1             2 or grace over            3
 *   (stop) ──▶ asked to end ──▶ being killed ──▶ gone, or past the deadline
 *
 * 1. The group has got the signal, in a turn in which its leader was not reaped. 2. The leader has ended and
 * nothing that could still be tidying up is left: who ignores the signal, or was forked while it was handled, has
 * the rest of the grace like everybody. 3. Two looks in a row found nothing.
 *
 * In a control group the kill is one write, and what is in the group is looked for there too. The rest is the same:
 * who was put into another group is found by his mark.
 *
 * A look is taken before the signal: afterwards parents die, and who had cleared his environment could not be
 * told from a stranger any more.
 */
import type { Clock } from '@heddle/base';
import type { KillReport } from './attempt.ts';
import type { ControlGroup } from './control-group.ts';
import { faultPoint } from './fault-point.ts';
import type { JobProcess } from './job-process.ts';
import { JobTree } from './job-tree.ts';
import { killGroups, killUntilGone, SignalList } from './killing.ts';
import { pause } from './node-clock.ts';
import type { ProcessLook } from './process-table.ts';
import { hasProc, killTree } from './tree-killing.ts';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;
/** After its SIGKILL the leader's end is told at once, unless it hangs in the kernel. */
const LEADER_END_MS = 10_000;

export interface StopOrder {
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
}

export interface StopEffects {
  readonly clock: Clock;
  look(): Promise<ProcessLook>;
  /** The attempt's control groups: none in the marker tier. */
  readonly groups: readonly ControlGroup[];
}

/** Ends a tree whose leader is ours. Resolves when it is gone, its leader reaped, or the deadline has passed. */
export async function stopTree(
  process: JobProcess,
  marker: string,
  order: StopOrder,
  effects: StopEffects,
): Promise<KillReport> {
  const signals = new SignalList();
  const tree = new JobTree(marker, process.started);
  tree.select(await effects.look());

  const { pid } = process.started;
  if (await process.signalGroup(order.signal)) signals.add(-pid, order.signal);
  faultPoint('K16');
  await graceOver(process, tree, order.graceMs, effects);

  tree.select(await effects.look());
  if (!hasProc() && (await killTree(pid))) signals.add(pid, 'SIGKILL');
  if (await process.signalGroup('SIGKILL')) signals.add(-pid, 'SIGKILL');
  killGroups(effects.groups, signals);
  faultPoint('K17');
  const survivors = await killUntilGone(tree, effects.look, signals, effects.clock, effects.groups);
  await within(process.ended, LEADER_END_MS, effects.clock);
  return signals.toReport(survivors, effects.groups);
}

/** Kills what is left of an attempt whose leader has ended, or was another launcher's. */
export async function killLeftovers(tree: JobTree, effects: StopEffects): Promise<KillReport> {
  const { look, clock, groups } = effects;
  const signals = new SignalList();
  return signals.toReport(await killUntilGone(tree, look, signals, clock, groups), groups);
}

/** Resolves when the leader has ended and its group with it, or when the grace is over. */
async function graceOver(process: JobProcess, tree: JobTree, graceMs: number, effects: StopEffects): Promise<void> {
  const { clock } = effects;
  const deadlineMs = clock.monotonicMs() + graceMs;
  if (!(await within(process.ended, graceMs, clock))) return;
  let pauseMs = FIRST_PAUSE_MS;
  while (process.hasGroup() && isGroupAlive(tree, process, await effects.look())) {
    const leftMs = deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) return;
    await pause(clock, Math.min(pauseMs, leftMs));
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

/** Zombies that nobody reaps keep a group in being, but need no grace. */
const isGroupAlive = (tree: JobTree, process: JobProcess, look: ProcessLook): boolean =>
  tree.select(look).some(({ groupId }) => groupId === process.started.pid);

/** Whether `event` came within `timeMs`. */
async function within(event: Promise<unknown>, timeMs: number, clock: Clock): Promise<boolean> {
  const over = Promise.withResolvers<false>();
  using _timer = clock.after(timeMs, () => over.resolve(false));
  return await Promise.race([event.then(() => true), over.promise]); // Awaited here: the timer must live until then.
}
