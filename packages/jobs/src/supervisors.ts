/**
 * The manager's side of the supervisors: makes them, finds them again by name, pings them, and says when one
 * is gone whose job is not over.
 *
 * Death is what the runtime says of a call on the actor; silence is only shown (`health.ts`). Disposing this
 * ends the watching, never a supervisor.
 */
import { ActorDiedError, type ActorHandle, type Runtime } from '@heddle/actors';
import type { Clock, Logger, Timer } from '@heddle/base';
import { FRESH_PULSE, type HealthPolicy, isSelfLagging, judgePulse, type Pulse } from './health.ts';
import type { JobRecord } from './job-record.ts';
import type { JobEntry } from './job-records.ts';
import {
  fromSupervisorName,
  RemoteJobSupervisor,
  SUPERVISOR_NAMESPACE,
  type SupervisorArguments,
  type SupervisorSettings,
  toSupervisorName,
} from './job-supervisor.ts';
import { ALL_WELL, type SupervisionHealth } from './supervision.ts';

type SupervisorHandle = ActorHandle<typeof RemoteJobSupervisor>;

interface Supervised {
  readonly submissionId: string;
  readonly handle: SupervisorHandle;
  pulse: Pulse;
  /** What it last said of itself. */
  fares: SupervisionHealth;
}

export interface SupervisorsOptions extends SupervisorSettings {
  readonly runtime: Runtime;
  readonly health: HealthPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether a supervisor of this job has nothing left to do. */
  readonly isOver: (submissionId: string) => boolean;
  /** A supervisor has died for good and its job, as far as known, is not over. */
  readonly onGone: (submissionId: string, cause: unknown) => void;
}

/** A living supervisor as the runtime knows it. */
export interface LivingSupervisor {
  readonly submissionId: string;
  readonly actorId: string;
}

export class Supervisors implements Disposable {
  readonly #options: SupervisorsOptions;
  readonly #settings: string;
  readonly #supervised = new Map<string, Supervised>();
  readonly #rounds: Timer;
  #lastRoundMs: number;
  #isDisposed = false;

  constructor(options: SupervisorsOptions) {
    const { clock, health, launch, connections } = options;
    this.#options = options;
    this.#settings = JSON.stringify({ launch, connections } satisfies SupervisorSettings);
    this.#lastRoundMs = clock.monotonicMs();
    this.#rounds = clock.every(health.periodMs, () => this.#round(), { background: true });
  }

  get size(): number {
    return this.#supervised.size;
  }

  has(submissionId: string): boolean {
    return this.#supervised.has(submissionId);
  }

  /** How many have left `threshold` pings unanswered. */
  get unreachable(): number {
    return this.#count((supervised) => supervised.pulse.health === 'UNREACHABLE');
  }

  /** How many said at the last ping that their work fails and is tried again. */
  get struggling(): number {
    return this.#count((supervised) => supervised.fares.failures > 0);
  }

  /** What one of those that struggle has said. */
  get struggle(): string | undefined {
    for (const { fares } of this.#supervised.values()) if (fares.failures > 0) return fares.lastFailure ?? undefined;
    return undefined;
  }

  /** Makes a supervisor for a job that has none. `fresh`: the record, if it is exactly that and nothing was done yet. */
  start(job: JobRecord, fresh?: JobEntry): void {
    const { submissionId, attemptId, fateSharing } = job;
    if (this.#supervised.has(submissionId)) return;
    const isNew = fresh !== undefined;
    const supervised: SupervisorArguments = { submissionId, attemptId, isNew, settings: this.#settings };
    const handle = this.#options.runtime.create(RemoteJobSupervisor, [supervised], {
      name: toSupervisorName(submissionId),
      namespace: SUPERVISOR_NAMESPACE,
      lifetime: 'detached',
      maxRestarts: fateSharing ? 0 : -1,
      maxPendingCalls: -1, // Bounded by the pings: one for each `timeoutMs` of silence.
      placement: 'system',
    });
    if (fresh !== undefined) handle.begin.remote(fresh).then(ignore, ignore); // A new incarnation needs it no more.
    this.#watch(submissionId, handle);
  }

  /** Takes on the living supervisor of this job. False when there is none. */
  async adopt(submissionId: string): Promise<boolean> {
    if (this.#supervised.has(submissionId)) return true;
    const handle = await this.#find(submissionId);
    if (handle === undefined) return false;
    if (!this.#supervised.has(submissionId)) this.#watch(submissionId, handle);
    return true;
  }

  /** All living supervisors of the runtime, adopted or not. */
  living(): LivingSupervisor[] {
    return this.#options.runtime.listActors().flatMap((row) => {
      const submissionId = row.namespace === SUPERVISOR_NAMESPACE ? fromSupervisorName(row.name) : undefined;
      return submissionId === undefined || row.state === 'DEAD' ? [] : [{ submissionId, actorId: row.actorId }];
    });
  }

  /** Tells a supervisor that it is durable that its job is to end; resolves when it has acted on it, or is gone. */
  async stop(submissionId: string): Promise<void> {
    await this.#supervised.get(submissionId)?.handle.stop.remote().then(ignore, ignore);
  }

  /** Resolves when the supervisor has taken its job up, or is gone. */
  async untilTakenUp(submissionId: string): Promise<void> {
    await this.#supervised.get(submissionId)?.handle.untilTakenUp.remote().then(ignore, ignore);
  }

  /** Kills the supervisor of a job that needs none. The job's processes are not its concern. */
  async kill(submissionId: string): Promise<boolean> {
    const handle = await this.#find(submissionId);
    if (handle === undefined) return false;
    this.#supervised.delete(submissionId);
    await this.#options.runtime.kill(handle);
    return true;
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#rounds.cancel();
    this.#supervised.clear();
  }

  #watch(submissionId: string, handle: SupervisorHandle): void {
    const supervised: Supervised = { submissionId, handle, pulse: FRESH_PULSE, fares: ALL_WELL };
    this.#supervised.set(submissionId, supervised);
    this.#follow(supervised);
  }

  /** Asks the supervisor to exit when its job is over, and every new incarnation of it again. */
  #follow(supervised: Supervised): void {
    const gone = (cause?: unknown) => this.#gone(supervised, cause);
    supervised.handle.untilOver.remote().then(gone, gone);
  }

  #gone(supervised: Supervised, cause: unknown): void {
    const { submissionId } = supervised;
    if (this.#isDisposed || this.#supervised.get(submissionId) !== supervised) return;
    const isOver = this.#options.isOver(submissionId);
    const mayLive = cause instanceof ActorDiedError && cause.began;
    if (mayLive && !isOver) {
      this.#follow(supervised); // It may be made anew: then this call reaches it.
      return;
    }
    this.#supervised.delete(submissionId);
    if (!isOver) this.#options.onGone(submissionId, cause);
  }

  #round(): void {
    const { clock, health } = this.#options;
    const nowMs = clock.monotonicMs();
    const selfLagging = isSelfLagging(health, this.#lastRoundMs, nowMs);
    this.#lastRoundMs = nowMs;
    for (const supervised of this.#supervised.values()) {
      const { pulse, ask } = judgePulse(supervised.pulse, health, selfLagging, nowMs);
      if (pulse.health !== supervised.pulse.health) this.#report(supervised, pulse);
      supervised.pulse = pulse;
      if (ask) this.#ping(supervised);
    }
  }

  #ping(supervised: Supervised): void {
    supervised.handle.ping.remote().then((fares) => {
      if (supervised.pulse.health !== 'HEALTHY') this.#report(supervised, FRESH_PULSE);
      supervised.pulse = FRESH_PULSE;
      supervised.fares = fares.failures === 0 ? ALL_WELL : fares;
    }, ignore); // What a failed call means, `#follow` learns too.
  }

  #report(supervised: Supervised, pulse: Pulse): void {
    const fields = { jobId: supervised.submissionId, health: pulse.health, misses: pulse.misses };
    if (pulse.health === 'UNREACHABLE') this.#options.logger.warn(fields, 'job supervisor does not answer');
    else this.#options.logger.debug(fields, 'job supervisor health');
  }

  async #find(submissionId: string): Promise<SupervisorHandle | undefined> {
    const known = this.#supervised.get(submissionId);
    if (known !== undefined) return known.handle;
    try {
      return await this.#options.runtime.getActor<typeof RemoteJobSupervisor>(
        toSupervisorName(submissionId),
        SUPERVISOR_NAMESPACE,
      );
    } catch {
      return undefined;
    }
  }

  #count(predicate: (supervised: Supervised) => boolean): number {
    let count = 0;
    for (const supervised of this.#supervised.values()) if (predicate(supervised)) count += 1;
    return count;
  }
}

function ignore(): void {}
