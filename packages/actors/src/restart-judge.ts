/** How often, how fast and how far apart an actor may be made anew. */
export interface RestartLimits {
  /** In total; -1: any number. */
  readonly maxRestarts: number;
  /** No more than this many within `withinMs`: beyond it the actor is given up, or only delayed when `maxRestarts` is -1. */
  readonly intensity: number;
  readonly withinMs: number;
  /** The first restart of a row is immediate, the second waits this long, each further one twice as long. */
  readonly backOffMs: number;
  readonly backOffMaxMs: number;
  /** A row ends when the actor lived this long. */
  readonly healthyMs: number;
}

export const DEFAULT_RESTART_LIMITS = {
  intensity: 3,
  withinMs: 30_000,
  backOffMs: 100,
  backOffMaxMs: 30_000,
  healthyMs: 60_000,
} as const;

/** For supervisors: their thread runs no user code, so its death is hardly ever theirs to answer for. */
export const SYSTEM_RESTART_LIMITS = { ...DEFAULT_RESTART_LIMITS, intensity: 10, backOffMaxMs: 1_000 } as const;

export interface RestartHistory {
  readonly restarts: number;
  /** When the latest restarts were decided, oldest first. */
  readonly recentMs: readonly number[];
  /** Restarts in a row without health in between. */
  readonly row: number;
  /** Since when the last incarnation lived; undefined when it never did. */
  readonly aliveSinceMs: number | undefined;
}

export const NO_RESTARTS: RestartHistory = { restarts: 0, recentMs: [], row: 0, aliveSinceMs: undefined };

export type RestartVerdict =
  | { readonly verdict: 'restart'; readonly delayMs: number; readonly history: RestartHistory }
  | { readonly verdict: 'dead' }
  | { readonly verdict: 'give up' };

/** What to do about an actor whose incarnation has just ended without intent. Pure. `spread` in [0, 1) spreads the back-off. */
export function judgeRestart(
  limits: RestartLimits,
  history: RestartHistory,
  nowMs: number,
  spread: number,
): RestartVerdict {
  if (limits.maxRestarts !== -1 && history.restarts >= limits.maxRestarts) return { verdict: 'dead' };
  const recentMs = history.recentMs.filter((atMs) => atMs > nowMs - limits.withinMs);
  if (recentMs.length >= limits.intensity && limits.maxRestarts !== -1) return { verdict: 'give up' };

  const wasHealthy = history.aliveSinceMs !== undefined && nowMs - history.aliveSinceMs >= limits.healthyMs;
  const row = wasHealthy ? 1 : history.row + 1;
  return {
    verdict: 'restart',
    delayMs: backOffMs(limits, row, spread),
    history: {
      restarts: history.restarts + 1,
      recentMs: [...recentMs, nowMs].slice(-limits.intensity),
      row,
      aliveSinceMs: undefined,
    },
  };
}

/** The jitter takes up to a fifth off, so that many do not come back in one moment. */
function backOffMs(limits: RestartLimits, row: number, spread: number): number {
  if (row <= 1) return 0;
  const fullMs = Math.min(limits.backOffMs * 2 ** (row - 2), limits.backOffMaxMs);
  return fullMs * (1 - 0.2 * spread);
}

/** What of an actor's options says how often it may be made anew. */
export interface RestartOptions {
  readonly placement: string | undefined;
  readonly maxRestarts: number;
  readonly restartIntensity: { readonly maxRestarts: number; readonly withinMs: number } | undefined;
}

export function restartLimitsOf({ placement, maxRestarts, restartIntensity }: RestartOptions): RestartLimits {
  const limits = placement === 'system' ? SYSTEM_RESTART_LIMITS : DEFAULT_RESTART_LIMITS;
  if (restartIntensity === undefined) return { ...limits, maxRestarts };
  return { ...limits, maxRestarts, intensity: restartIntensity.maxRestarts, withinMs: restartIntensity.withinMs };
}

/** A number in [0, 1) that differs from actor to actor and from restart to restart, and needs no chance. */
export const restartSpread = (actor: number, restarts: number): number =>
  ((actor * 2_654_435_761 + restarts * 40_503) % 1_000) / 1_000;
