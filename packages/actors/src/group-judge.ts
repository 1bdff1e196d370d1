/** When a member of a group is made anew. OTP: restart types. */
export type RestartPolicy = 'permanent' | 'transient' | 'temporary';

/** Who is made anew with a member that died. OTP: supervisor strategies. */
export type RestartStrategy = 'one-for-one' | 'one-for-all' | 'rest-for-one';

export interface GroupLimits {
  readonly strategy: RestartStrategy;
  /** More restarts than this within `withinMs` end the group. */
  readonly maxRestarts: number;
  readonly withinMs: number;
}

/** A member as the judgement needs it: its place in the order of starting is its place in the list. */
export interface MemberState {
  readonly policy: RestartPolicy;
  readonly isAlive: boolean;
}

export type GroupVerdict =
  | { readonly verdict: 'let die' }
  /** End the living ones of `members`, last started first, then start all of them in order. Places in the list. */
  | { readonly verdict: 'restart'; readonly members: readonly number[]; readonly restartsMs: readonly number[] }
  | { readonly verdict: 'give up' };

/**
 * What to do about a group one of whose members is dead for good. Pure: no clock, no timer, no actor.
 * `wasIntended`: it exited of itself; a transient member is then let go.
 */
export function judgeGroup(
  limits: GroupLimits,
  members: readonly MemberState[],
  dead: number,
  wasIntended: boolean,
  restartsMs: readonly number[],
  nowMs: number,
): GroupVerdict {
  const { policy } = members[dead]!;
  if (policy === 'temporary' || (policy === 'transient' && wasIntended)) return { verdict: 'let die' };
  const recentMs = restartsMs.filter((atMs) => atMs > nowMs - limits.withinMs);
  if (recentMs.length >= limits.maxRestarts) return { verdict: 'give up' };
  return { verdict: 'restart', members: affected(limits.strategy, members, dead), restartsMs: [...recentMs, nowMs] };
}

/** Temporary members that are gone stay gone, whoever takes the others down. */
function affected(strategy: RestartStrategy, members: readonly MemberState[], dead: number): number[] {
  const first = strategy === 'one-for-all' ? 0 : dead;
  const last = strategy === 'one-for-one' ? dead : members.length - 1;
  const places: number[] = [];
  for (let place = first; place <= last; place++) {
    if (place === dead || members[place]!.isAlive || members[place]!.policy === 'permanent') places.push(place);
  }
  return places;
}
