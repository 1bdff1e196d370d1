/**
 * What the end of an attempt makes of its job's record. Pure.
 *
 * Nothing is written when a stop request has become durable that the outcome does not know: the whole tree must be
 * gone before STOPPED is shown, so another turn decides.
 */
import { isTerminal } from '@heddle/api';
import { type EndingFacts, type JobRecord, withNextAttempt, withOutcome } from './job-record.ts';
import type { Outcome } from './outcome.ts';

export type Settlement =
  /** Another attempt is at hand already, or the job is over: somebody else was first. */
  | { readonly verdict: 'leave' }
  | { readonly verdict: 'look-again' }
  /** Terminal, or another attempt follows. */
  | { readonly verdict: 'write'; readonly record: JobRecord };

export function judgeSettlement(
  record: JobRecord,
  attemptId: string,
  outcome: Outcome & { readonly message: string },
  facts: EndingFacts,
): Settlement {
  if (record.attemptId !== attemptId || isTerminal(record.status)) return { verdict: 'leave' };
  if (record.stopRequestedAtMs !== null && outcome.status !== 'STOPPED') return { verdict: 'look-again' };
  const next = withNextAttempt(record, outcome, facts) ?? withOutcome(record, outcome, facts);
  return next === undefined ? { verdict: 'leave' } : { verdict: 'write', record: next };
}
