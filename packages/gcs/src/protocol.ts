/**
 * What crosses between a `GcsClient` and the `GcsServer`, as data. Both import this file; neither imports the other.
 *
 *   to the server    { requests }       asked in one turn, done in this order
 *                    { connect: port }  serve another client at this port (transferred)
 *   to the client    { replies }        to requests that were done in one commit
 *                    { ended: error }   the last message: the tables are closed, or their storage failed
 *
 * Every request but `cancel` is answered by exactly one reply, or by `ended`, or by the port's close, which may
 * come without it. A `watch` is answered when there is a change to tell; the client then asks for the next with the
 * page's revision, so that nothing piles up for a slow reader but its place in the log. A cancelled one is not answered.
 * All values are JSON texts. A new operation needs a line here and a case in `GcsServer`.
 */

import type { MessagePort } from 'node:worker_threads';
import type { EncodedError } from '@heddle/base';
import type { ChangePage, StoredEntry } from './storage.ts';
import type { GcsStats } from './table.ts';

/** For each operation, what it is asked with and what it answers. */
export interface Operations {
  get: { ask: { table: string; key: string }; answer: StoredEntry | undefined };
  list: { ask: { table: string }; answer: { revision: number; entries: StoredEntry[] } };
  put: { ask: { table: string; key: string; text: string; expectedRevision: number | undefined }; answer: number };
  delete: { ask: { table: string; key: string; expectedRevision: number | undefined }; answer: boolean };
  /** `after` undefined: from now. */
  watch: { ask: { table: string; after: number | undefined }; answer: ChangePage };
  stats: { ask: object; answer: GcsStats };
  backup: { ask: { file: string }; answer: null };
}

export type OperationType = keyof Operations;
export type RequestId = number;

export type Request = {
  [Type in OperationType]: { readonly id: RequestId; readonly type: Type } & Readonly<Operations[Type]['ask']>;
}[OperationType];

/** Takes back a watch that has not been answered. */
export interface Cancel {
  readonly id: RequestId;
  readonly type: 'cancel';
}

export type Reply =
  | { readonly id: RequestId; readonly result: unknown }
  | { readonly id: RequestId; readonly error: EncodedError };

export type ClientMessage = { readonly requests: readonly (Request | Cancel)[] } | { readonly connect: MessagePort };

export type ServerMessage = { readonly replies: readonly Reply[] } | { readonly ended: EncodedError };
