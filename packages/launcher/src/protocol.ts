/**
 * What client and launcher say to each other, as data. Both import this file; neither imports the other.
 *
 * A message is its length in 4 bytes and JSON. Each side's first message is a `Hello`; then the client sends
 * requests and the launcher answers each exactly once, in any order (`await-exit` and `stop` take as long as the
 * job does). The end of the connection answers the rest; it ends nothing that was begun.
 *
 * Protocols are numbered, and each side says the oldest that it still speaks. Within a number, fields and kinds of
 * request are only added; a launcher answers a kind that it does not know with LAUNCHER_FAILED.
 */
import type { AttemptReport, Containment, Exited, KillReport, LaunchRequest, Started } from './attempt.ts';
import type { EncodedFailure } from './failure.ts';
import type { LauncherStatus } from './launcher-status.ts';

export const PROTOCOL = 1;
export const MIN_PROTOCOL = 1;

/** Longest message: a whole environment at its longest takes 2 MiB, 100,000 reports about 64 MiB. */
export const MESSAGE_BYTES_MAX = 128 * 1024 * 1024;

export interface Hello {
  readonly protocol: number;
  readonly minProtocol: number;
  readonly pid: number;
  /** The launcher's. */
  readonly containment?: Containment;
}

/** Every kind of request: what it says, and what its answer is. */
export interface Exchanges {
  launch: { says: { readonly request: LaunchRequest }; answer: Started };
  refuse: { says: { readonly attemptId: string; readonly jobId: string }; answer: AttemptReport };
  report: { says: { readonly attemptId: string }; answer: AttemptReport | null };
  reports: { says: Record<never, never>; answer: readonly AttemptReport[] };
  'await-exit': { says: { readonly attemptId: string }; answer: Exited };
  stop: {
    says: { readonly attemptId: string; readonly signal: string; readonly graceMs: number };
    answer: KillReport;
  };
  settle: { says: { readonly attemptIds: readonly string[] }; answer: null };
  status: { says: Record<never, never>; answer: LauncherStatus };
}

export type Kind = keyof Exchanges;
export type Says<K extends Kind> = Exchanges[K]['says'];
export type Answer<K extends Kind> = Exchanges[K]['answer'];

export type Request = { [K in Kind]: { readonly id: number; readonly kind: K } & Says<K> }[Kind];

export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: EncodedFailure };

/** The protocol that both speak, or undefined. */
export function commonProtocol(ours: Omit<Hello, 'pid'>, theirs: Omit<Hello, 'pid'>): number | undefined {
  const common = Math.min(ours.protocol, theirs.protocol);
  return common >= Math.max(ours.minProtocol, theirs.minProtocol) ? common : undefined;
}
