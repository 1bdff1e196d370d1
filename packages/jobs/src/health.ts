/**
 * What the silence of supervisors means. Pure: answers and the time come in by the arguments.
 *
 *            1               2
 *   HEALTHY ──▶ LATE ──▶ UNREACHABLE
 *      ▲ 3        │ 3         │ 3
 *      └──────────┴───────────┘
 *
 * 1. A ping was not answered within `timeoutMs`. 2. `threshold` in a row were not. 3. Any answer.
 *
 * Unreachable is not dead: it is shown and logged, and no job fails by it while its process lives. Death is
 * what the runtime says of an actor, never what silence says.
 *
 * Before suspecting others the watcher checks itself: a round that came `SELF_LAG_MAX_MS` late or more says
 * that this very loop stood still (a suspended laptop, SIGSTOP), so what is outstanding is asked anew.
 */
export type Health = 'HEALTHY' | 'LATE' | 'UNREACHABLE';

export interface HealthPolicy {
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly threshold: number;
}

/** What the watcher knows of one supervisor. */
export interface Pulse {
  readonly health: Health;
  readonly misses: number;
  /** When the outstanding ping was sent, by the monotonic clock; undefined: none is outstanding. */
  readonly askedAtMs: number | undefined;
}

/** A supervisor that has just been made, or has just answered, whichever ping. */
export const FRESH_PULSE: Pulse = { health: 'HEALTHY', misses: 0, askedAtMs: undefined };

export const SELF_LAG_MAX_MS = 1000;

/** Whether the watcher itself was late enough to be the one at fault. */
export const isSelfLagging = (policy: HealthPolicy, lastRoundMs: number, nowMs: number): boolean =>
  nowMs - lastRoundMs - policy.periodMs >= SELF_LAG_MAX_MS;

/** One round of the watcher for one supervisor. `ask`: send a ping now. */
export function judgePulse(
  pulse: Pulse,
  policy: HealthPolicy,
  selfLagging: boolean,
  nowMs: number,
): { pulse: Pulse; ask: boolean } {
  if (pulse.askedAtMs === undefined || selfLagging) return { pulse: { ...pulse, askedAtMs: nowMs }, ask: true };
  if (nowMs - pulse.askedAtMs < policy.timeoutMs) return { pulse, ask: false };

  const misses = pulse.misses + 1;
  const health = misses >= policy.threshold ? 'UNREACHABLE' : 'LATE';
  return { pulse: { health, misses, askedAtMs: nowMs }, ask: true };
}
