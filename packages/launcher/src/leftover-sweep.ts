/**
 * What jobs leave behind when they end by themselves: looked for once a second at most, for all that have ended
 * since, and killed. A job is let go when a look has found nothing of it: two in a row if its group outlived it.
 */
import type { Clock, Timer } from '@heddle/base';
import type { KillReport } from './attempt.ts';
import type { ControlGroup } from './control-group.ts';
import { JobTree, type Leader } from './job-tree.ts';
import { killGroups, killVerified, SignalList } from './killing.ts';
import type { SweepStats } from './launcher-status.ts';
import type { ProcessLook } from './process-table.ts';

const PERIOD_MS = 1000;
/** The other ends of a pipeline end by themselves in this time. */
const FIRST_LOOK_MS = 100;

export interface EndedJob {
  readonly attemptId: string;
  readonly marker: string;
  readonly leader: Leader;
  /** Somebody was left in the group when the leader's end was told. */
  readonly hadGroup: boolean;
  /** Its control group, if that was not empty when the leader's end was told. */
  readonly controlGroup?: ControlGroup | undefined;
}

interface Ended {
  readonly job: EndedJob;
  readonly tree: JobTree;
  readonly signals: SignalList;
  emptyLooks: number;
  killed: number;
}

export interface SweepEffects {
  readonly clock: Clock;
  look(): Promise<ProcessLook>;
  /** Something was found and killed; told again with the whole list when more is. */
  found(attemptId: string, report: KillReport): void;
  /** Nothing is in this group any more. */
  emptied(group: ControlGroup): void;
  /** Called when nothing is left to look for. */
  idle(): void;
}

export class LeftoverSweep {
  readonly #effects: SweepEffects;
  readonly #ended = new Map<string, Ended>();
  #timer: Timer | undefined;
  #isLooking = false;
  #lastLookMs = Number.NEGATIVE_INFINITY;
  #stats: SweepStats = { sweeps: 0, leftoversKilled: 0, lastSweepMs: 0 };

  constructor(effects: SweepEffects) {
    this.#effects = effects;
  }

  get stats(): SweepStats {
    return this.#stats;
  }

  get isIdle(): boolean {
    return this.#ended.size === 0;
  }

  /** The job's leader has ended by itself: what is left of it is to go. */
  add(job: EndedJob): void {
    const tree = new JobTree(job.marker, job.leader);
    this.#ended.set(job.attemptId, { job, tree, signals: new SignalList(), emptyLooks: 0, killed: 0 });
    this.#plan();
  }

  /** Somebody else sees to this job's processes. */
  remove(attemptId: string): void {
    this.#ended.delete(attemptId);
  }

  #plan(): void {
    if (this.#timer !== undefined || this.#isLooking || this.#ended.size === 0) return;
    const { clock } = this.#effects;
    const delayMs = Math.max(FIRST_LOOK_MS, this.#lastLookMs + PERIOD_MS - clock.monotonicMs());
    this.#timer = clock.after(delayMs, () => {
      this.#timer = undefined;
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    const { clock, look, idle } = this.#effects;
    this.#isLooking = true;
    this.#lastLookMs = clock.monotonicMs();
    const ended = [...this.#ended.values()];
    const seen = await look();
    for (const each of ended) if (this.#ended.has(each.job.attemptId)) this.#judge(each, seen);
    this.#isLooking = false;
    const lastSweepMs = clock.monotonicMs() - this.#lastLookMs;
    this.#stats = { ...this.#stats, sweeps: this.#stats.sweeps + 1, lastSweepMs };
    this.#plan();
    if (this.isIdle) idle();
  }

  #judge(ended: Ended, look: ProcessLook): void {
    const { controlGroup } = ended.job;
    const groups = controlGroup === undefined ? [] : [controlGroup];
    const found = ended.tree.select(look);
    const isEmpty = found.length === 0 && groups.every((group) => group.members().length === 0);
    ended.emptyLooks = isEmpty ? ended.emptyLooks + 1 : 0;
    if (isEmpty) {
      this.#letGo(ended, groups);
      return;
    }
    killGroups(groups, ended.signals);
    for (const facts of found) killVerified(facts, ended.signals);
    const killed = ended.signals.count - ended.killed;
    ended.killed = ended.signals.count;
    this.#stats = { ...this.#stats, leftoversKilled: this.#stats.leftoversKilled + killed };
    this.#effects.found(ended.job.attemptId, ended.signals.toReport([], groups));
  }

  #letGo({ job, emptyLooks, killed }: Ended, groups: readonly ControlGroup[]): void {
    if (emptyLooks < (job.hadGroup || killed > 0 ? 2 : 1)) return;
    this.#ended.delete(job.attemptId);
    for (const group of groups) this.#effects.emptied(group);
  }
}
