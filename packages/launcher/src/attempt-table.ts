/**
 * All attempts that the launcher remembers, as its journal's records made them. Pure state.
 *
 * What happens is applied here and appended to the journal in the same turn; a launcher that starts applies what
 * it reads. So memory and file cannot differ, and `toRecords` is the file that says the same in fewer words.
 *
 * A claim or refusal is *provisional* until it is durable: it keeps others out, but is not yet a fact to write down.
 */
import type { AttemptPhase, AttemptReport, StopProgress } from './attempt.ts';
import type { JournalRecord } from './journal-record.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Row {
  readonly marker: string;
  readonly report: Mutable<AttemptReport>;
  isProvisional: boolean;
}

export type ClaimOrRefusal = Extract<JournalRecord, { type: 'claimed' | 'refused' }>;

const isOver = (phase: AttemptPhase): boolean => phase === 'refused' || phase === 'failed' || phase === 'exited';

export class AttemptTable {
  readonly #rows = new Map<string, Row>();

  /** The table that the journal of a launcher describes which goes on writing it. */
  static fromLiving(records: readonly JournalRecord[]): AttemptTable {
    const table = new AttemptTable();
    for (const record of records) table.apply(record);
    return table;
  }

  /** The table that a dead launcher's journal describes: what was not over is orphaned. */
  static fromDead(records: readonly JournalRecord[]): AttemptTable {
    const table = AttemptTable.fromLiving(records);
    for (const { report } of table.#rows.values()) if (!isOver(report.phase)) report.isOrphaned = true;
    return table;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(attemptId: string): AttemptReport | undefined {
    return this.#rows.get(attemptId)?.report;
  }

  markerOf(attemptId: string): string | undefined {
    return this.#rows.get(attemptId)?.marker;
  }

  /** In order of their claim or refusal. */
  all(): AttemptReport[] {
    return Array.from(this.#rows.values(), ({ report }) => report);
  }

  /** Applies a claim or refusal that is not yet durable; `confirm` or `retract` follows. */
  applyProvisionally(record: ClaimOrRefusal): void {
    this.apply(record);
    this.#rows.get(record.attemptId)!.isProvisional = true;
  }

  confirm(attemptId: string): void {
    const row = this.#rows.get(attemptId);
    if (row !== undefined) row.isProvisional = false;
  }

  retract(attemptId: string): void {
    this.#rows.delete(attemptId);
  }

  /** Records of attempts that are not known are passed over: they were settled. */
  apply(record: JournalRecord): void {
    switch (record.type) {
      case 'claimed':
      case 'refused':
        this.#add(record.attemptId, record.type === 'claimed' ? record.marker : '', {
          attemptId: record.attemptId,
          jobId: record.jobId,
          phase: record.type,
        });
        return;
      case 'attempt':
        this.#rows.set(record.report.attemptId, {
          marker: record.marker,
          report: { ...record.report },
          isProvisional: false,
        });
        return;
      case 'settled':
        for (const attemptId of record.attemptIds) this.#rows.delete(attemptId);
        return;
      default: {
        const report = this.#rows.get(record.attemptId)?.report;
        if (report !== undefined) change(report, record);
      }
    }
  }

  /** The shortest journal that says all this. */
  toRecords(): JournalRecord[] {
    return Array.from(this.#rows.values())
      .filter(({ isProvisional }) => !isProvisional)
      .map(({ marker, report }) => ({ type: 'attempt', marker, report }));
  }

  #add(attemptId: string, marker: string, report: AttemptReport): void {
    if (!this.#rows.has(attemptId)) this.#rows.set(attemptId, { marker, report: { ...report }, isProvisional: false });
  }
}

type Change = Exclude<JournalRecord, ClaimOrRefusal | { type: 'attempt' | 'settled' }>;

function change(report: Mutable<AttemptReport>, record: Change): void {
  switch (record.type) {
    case 'started':
      report.phase = 'started';
      report.started = record.started;
      return;
    case 'failed':
      report.phase = 'failed';
      report.failure = record.failure;
      return;
    case 'exited':
      report.phase = 'exited';
      report.exited = record.exited;
      return;
    case 'stop':
      report.stop ??= toStopProgress(record);
      return;
    case 'stopped':
      if (report.stop !== undefined) report.stop = { ...report.stop, report: record.report };
      return;
    case 'leftovers':
      report.leftovers = record.report;
      return;
  }
}

const toStopProgress = ({ requestedAtMs, signal, graceMs }: StopProgress): StopProgress => ({
  requestedAtMs,
  signal,
  graceMs,
});
