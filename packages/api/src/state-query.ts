/**
 * What of the rows a state request asks for, and the envelope that carries them. Pure.
 *
 * Filters are joined by *and*, know `=` and `!=`, and ignore case. `limit` cuts rows, not counts. Parameters
 * that mean nothing here (`timeout`, `server_timeout_multiplier`, `exclude_driver`) are ignored, as Ray's
 * client sends them always.
 */
import { STATE_COLUMNS, type StateResource } from './state-row.ts';
import { badRequest } from './wire-error.ts';

export interface StateFilter {
  readonly key: string;
  readonly predicate: '=' | '!=';
  readonly value: string;
}

export interface StateQuery {
  readonly limit: number;
  readonly detail: boolean;
  readonly filters: readonly StateFilter[];
}

export const STATE_LIMIT_DEFAULT = 100;
export const STATE_LIMIT_MAX = 10_000;

/** Ray's envelope: an answer that failed has `result: false` and the reason in `msg`. */
export interface StateEnvelope<Row> {
  readonly result: boolean;
  readonly msg: string;
  readonly data: { readonly result: StateResult<Row> | null };
}

export interface StateResult<Row> {
  /** How many rows there are. */
  readonly total: number;
  /** How many were looked at: all. */
  readonly num_after_truncation: number;
  /** How many passed the filters. */
  readonly num_filtered: number;
  /** At most `limit` of those. */
  readonly result: readonly Row[];
  readonly partial_failure_warning: string | null;
  readonly warnings: readonly string[] | null;
}

/**
 * Reads the parameters of a request. Ray writes booleans as Python does.
 * @throws WireError 400
 */
export function parseStateQuery(resource: StateResource, parameters: URLSearchParams): StateQuery {
  return {
    limit: parseLimit(parameters.get('limit')),
    detail: /^(true|1)$/i.test(parameters.get('detail') ?? ''),
    filters: parseFilters(resource, parameters),
  };
}

function parseLimit(text: string | null): number {
  if (text === null) return STATE_LIMIT_DEFAULT;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1)
    throw badRequest(`Cannot list with limit ${JSON.stringify(text)}: expected an integer of 1 or more`);
  if (Number(text) > STATE_LIMIT_MAX)
    throw badRequest(`Cannot list with limit ${text}: the most is ${STATE_LIMIT_MAX}`);
  return Number(text);
}

function parseFilters(resource: StateResource, parameters: URLSearchParams): StateFilter[] {
  const keys = parameters.getAll('filter_keys');
  const predicates = parameters.getAll('filter_predicates');
  const values = parameters.getAll('filter_values');
  if (keys.length !== predicates.length || keys.length !== values.length)
    throw badRequest(
      'Cannot list with these filters: filter_keys, filter_predicates and filter_values differ in number',
    );
  return keys.map((key, at) => parseFilter(resource, key, predicates[at]!, values[at]!));
}

function parseFilter(resource: StateResource, key: string, predicate: string, value: string): StateFilter {
  const columns: readonly string[] = [...STATE_COLUMNS[resource].always, ...STATE_COLUMNS[resource].detail];
  if (!columns.includes(key))
    throw badRequest(
      `The given filter column ${key} is not supported. Supported filter columns: ${columns.join(', ')}`,
    );
  if (predicate !== '=' && predicate !== '!=')
    throw badRequest(`Cannot filter with predicate ${JSON.stringify(predicate)}: expected "=" or "!="`);
  return { key, predicate, value };
}

/** The rows that the query asks for, in the envelope. */
export function selectState<Row extends object>(
  resource: StateResource,
  rows: readonly Row[],
  query: StateQuery,
): StateEnvelope<Partial<Row>> {
  const filtered = rows.filter((row) => query.filters.every((filter) => passes(row, filter)));
  const columns: readonly string[] = query.detail
    ? [...STATE_COLUMNS[resource].always, ...STATE_COLUMNS[resource].detail]
    : STATE_COLUMNS[resource].always;
  return {
    result: true,
    msg: '',
    data: {
      result: {
        total: rows.length,
        num_after_truncation: rows.length,
        num_filtered: filtered.length,
        result: filtered.slice(0, query.limit).map((row) => pick(row, columns)),
        partial_failure_warning: null,
        warnings: null,
      },
    },
  };
}

export const failedState = (msg: string): StateEnvelope<never> => ({ result: false, msg, data: { result: null } });

function passes(row: object, filter: StateFilter): boolean {
  const value = (row as Readonly<Record<string, unknown>>)[filter.key];
  const equal = comparable(value) === filter.value.toLowerCase();
  return filter.predicate === '=' ? equal : !equal;
}

function comparable(value: unknown): string {
  if (value === null || value === undefined) return '';
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).toLowerCase();
}

function pick<Row extends object>(row: Row, columns: readonly string[]): Partial<Row> {
  return Object.fromEntries(Object.entries(row).filter(([key]) => columns.includes(key))) as Partial<Row>;
}
