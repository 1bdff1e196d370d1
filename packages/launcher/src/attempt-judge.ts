/**
 * What the launcher answers about an attempt, decided from what it knows of it. Pure: whoever asks acts on it.
 *
 * Every repetition of a request is answered as the first was, or with what has become of it since; that is what
 * makes all of them safe to repeat.
 */
import { type AttemptReport, type Exited, type KillReport, NOTHING_KILLED, type Started } from './attempt.ts';
import { Failure } from './failure.ts';

export type LaunchVerdict =
  /** Nobody has asked before: claim it durably, then spawn. */
  | { readonly verdict: 'claim' }
  /** It is being launched: its start answers this one too. */
  | { readonly verdict: 'await-start' }
  /** A refusal counts when it is durable: answer then. */
  | { readonly verdict: 'fail'; readonly failure: Failure }
  | { readonly verdict: 'answer'; readonly started: Started };

/** `isRunning`: this launcher has claimed it, and its end is not yet told. */
export function judgeLaunch(known: AttemptReport | undefined, isRunning: boolean): LaunchVerdict {
  if (known === undefined) return { verdict: 'claim' };
  if (isRunning) return { verdict: 'await-start' };
  if (known.phase !== 'refused' && known.phase !== 'failed' && known.started !== undefined)
    return { verdict: 'answer', started: known.started };
  return { verdict: 'fail', failure: noExit(known) };
}

export type ExitVerdict =
  | { readonly verdict: 'await' }
  | { readonly verdict: 'answer'; readonly exited: Exited }
  | { readonly verdict: 'fail'; readonly failure: Failure };

export function judgeExit(attemptId: string, known: AttemptReport | undefined, isRunning: boolean): ExitVerdict {
  if (isRunning) return { verdict: 'await' };
  if (known === undefined) return { verdict: 'fail', failure: unknown(attemptId) };
  if (known.exited !== undefined) return { verdict: 'answer', exited: known.exited };
  return { verdict: 'fail', failure: noExit(known) };
}

export type StopVerdict =
  | { readonly verdict: 'stop' }
  /** Nothing ran, or an earlier stop is done. What a dead launcher has left behind is looked for again. */
  | { readonly verdict: 'answer'; readonly report: KillReport }
  | { readonly verdict: 'fail'; readonly failure: Failure };

/** For a stop that does not find another one of the same attempt under way: it would join that. */
export function judgeStop(attemptId: string, known: AttemptReport | undefined): StopVerdict {
  if (known === undefined) return { verdict: 'fail', failure: unknown(attemptId) };
  if (known.phase === 'refused' || known.phase === 'failed') return { verdict: 'answer', report: NOTHING_KILLED };
  const report = known.stop?.report;
  return report === undefined || known.isOrphaned ? { verdict: 'stop' } : { verdict: 'answer', report };
}

/** Whether a settled attempt may be forgotten: not while anything of it is still to be told. */
export const mayForget = (known: AttemptReport | undefined, isRunning: boolean, isStopping: boolean): boolean =>
  known !== undefined && !isRunning && !isStopping;

export const unknown = (attemptId: string): Failure =>
  new Failure('ATTEMPT_UNKNOWN', `Cannot find attempt "${attemptId}": the launcher knows nothing of it`, { attemptId });

export const spawnFailed = (attemptId: string, failure: string): Failure =>
  new Failure('SPAWN_FAILED', failure, { attemptId });

const refused = ({ attemptId }: AttemptReport): Failure =>
  new Failure('LAUNCH_REFUSED', `Cannot launch attempt "${attemptId}": it was refused before it was claimed`, {
    attemptId,
  });

/** Why there will never be an exit. */
function noExit(known: AttemptReport): Failure {
  const { attemptId } = known;
  if (known.phase === 'refused') return refused(known);
  if (known.phase === 'failed') return spawnFailed(attemptId, known.failure ?? '');
  return new Failure(
    'LAUNCHER_GONE',
    `Cannot learn the end of attempt "${attemptId}": the launcher that claimed it has died`,
    { attemptId },
  );
}
