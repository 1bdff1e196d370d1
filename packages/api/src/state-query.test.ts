import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedState, parseStateQuery, selectState } from './state-query.ts';
import { WireError } from './wire-error.ts';

const rows = Array.from({ length: 5 }, (_, at) => ({
  actor_id: `actor_${at}`,
  state: at < 2 ? 'ALIVE' : 'DEAD',
  is_detached: at === 0,
  name: null,
}));
const select = (parameters: string) =>
  selectState('actors', rows, parseStateQuery('actors', new URLSearchParams(parameters)));
const ids = (parameters: string) => select(parameters).data.result!.result.map((row) => row.actor_id);

test('limit cuts rows, not counts', () => {
  const { result } = select('limit=1&filter_keys=state&filter_predicates=%3D&filter_values=dead').data;
  assert.equal(result!.total, 5);
  assert.equal(result!.num_after_truncation, 5);
  assert.equal(result!.num_filtered, 3);
  assert.equal(result!.result.length, 1);
});

test('filters are joined by and, know = and !=, and ignore case', () => {
  const filter = (...triples: string[][]) =>
    triples
      .map(([k, p, v]) => `filter_keys=${k}&filter_predicates=${encodeURIComponent(p!)}&filter_values=${v}`)
      .join('&');
  assert.deepEqual(ids(filter(['state', '=', 'Alive'])), ['actor_0', 'actor_1']);
  assert.deepEqual(ids(filter(['state', '!=', 'dead'], ['is_detached', '=', 'True'])), ['actor_0']);
  assert.deepEqual(ids(filter(['actor_id', '=', 'nobody'])), []);
});

test('columns of detail are there with detail only, capitalised as Python writes it', () => {
  const row = (parameters: string) => Object.keys(select(parameters).data.result!.result[0]!);
  assert.ok(row('detail=True').includes('is_detached'));
  assert.ok(!row('detail=False').includes('is_detached'));
  assert.ok(!row('timeout=24&server_timeout_multiplier=0.8').includes('is_detached'));
});

test('a limit, a column and a predicate that mean nothing are refused', () => {
  const bad = [
    'limit=0',
    'limit=x',
    'limit=-1',
    'limit=10001',
    'filter_keys=state',
    'filter_keys=colour&filter_predicates=%3D&filter_values=red',
    'filter_keys=__proto__&filter_predicates=%3D&filter_values=red',
    'filter_keys=state&filter_predicates=%3C&filter_values=red',
  ];
  for (const parameters of bad)
    assert.throws(
      () => select(parameters),
      (error) => error instanceof WireError && error.status === 400,
      parameters,
    );
});

test('a failed answer keeps the envelope', () => {
  assert.deepEqual(failedState('no'), { result: false, msg: 'no', data: { result: null } });
});
