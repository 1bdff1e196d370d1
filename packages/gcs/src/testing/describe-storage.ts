/**
 * What every storage owes, whichever it is and from wherever it is reached. A new storage passes this suite or is none.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Change, connectGcs, type Gcs, RevisionCompactedError, RevisionConflictError } from '../index.ts';
import { GcsHarness, type Kind, type Limits } from './gcs-harness.ts';

interface Job {
  readonly status: string;
}

/** Runs a test body with tables of one kind; the harness proves that nothing is left. */
type Check = (name: string, body: (gcs: Gcs, harness: GcsHarness) => Promise<void>, limits?: Limits) => void;

export function describeStorage(kind: Kind): void {
  const check: Check = (name, body, limits = {}) => {
    test(name, async () => {
      await using harness = await GcsHarness.create();
      const { gcs } = await harness.reach(kind, limits);
      await body(gcs, harness);
    });
  };
  describe(`tables in ${kind.name}`, () => {
    describeRecords(check);
    describeWatches(check);
    describeLimits(check);
    describeEnds(check, kind);
  });
}

function describeRecords(check: Check): void {
  check('a record that was put is read back as an equal copy', async (gcs) => {
    const table = gcs.table('things');
    const value = { text: 'ö\u0000\ud800"', list: [1, -0.5, null, true, { deep: {} }], none: undefined };
    const put = await table.put('key with spaces/ü', value);
    value.list.push(2);
    const stored = { text: 'ö\u0000\ud800"', list: [1, -0.5, null, true, { deep: {} }] };
    assert.deepEqual(put, { key: 'key with spaces/ü', revision: 1, value: stored });
    assert.deepEqual(await table.get('key with spaces/ü'), put);
  });

  check('a record that is not there is undefined', async (gcs) => {
    assert.equal(await gcs.table('things').get('none'), undefined);
  });

  check('each change of any table gets the next revision', async (gcs) => {
    const revisions: number[] = [];
    for (const name of ['a', 'b', 'a']) revisions.push((await gcs.table<number>(name).put('key', 0)).revision);
    await gcs.table('b').delete('key');
    revisions.push((await gcs.table<number>('b').put('key', 0)).revision);
    assert.deepEqual(revisions, [1, 2, 3, 5]);
    assert.equal((await gcs.stats()).revision, 5);
  });

  check('list gives the records of its table in order of creation', async (gcs) => {
    const table = gcs.table<number>('numbers');
    for (const key of ['c', 'a', 'b']) await table.put(key, 1);
    await gcs.table<number>('others').put('x', 1);
    await table.put('c', 2);
    await table.delete('a');
    await table.put('a', 3);
    assert.deepEqual(
      (await table.list()).map((entry) => [entry.key, entry.value]),
      [
        ['c', 2],
        ['b', 1],
        ['a', 3],
      ],
    );
    assert.deepEqual(await gcs.table('empty').list(), []);
  });

  check('a put that expects revision 0 succeeds for exactly one of many', async (gcs) => {
    const table = gcs.table<number>('claims');
    const claims = [1, 2, 3, 4].map((n) => table.put('id', n, { expectedRevision: 0 }));
    const outcomes = await Promise.allSettled(claims);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ['fulfilled', 'rejected', 'rejected', 'rejected'],
    );
    assert.equal((await table.get('id'))?.value, 1);
  });

  check('a write that expects another revision is refused and changes nothing', async (gcs) => {
    const table = gcs.table<number>('numbers');
    const { revision } = await table.put('key', 1);
    const expected = (write: Promise<unknown>, expectedRevision: number) =>
      assert.rejects(write, (error) => {
        assert.ok(error instanceof RevisionConflictError);
        assert.equal(error.code, 'REVISION_CONFLICT');
        assert.deepEqual(error.details, { table: 'numbers', key: 'key', expectedRevision, actualRevision: revision });
        return true;
      });
    await expected(table.put('key', 2, { expectedRevision: 7 }), 7);
    await expected(table.delete('key', { expectedRevision: 0 }), 0);
    await assert.rejects(table.put('none', 2, { expectedRevision: 7 }), RevisionConflictError);
    assert.deepEqual(await table.list(), [{ key: 'key', revision, value: 1 }]);
    assert.equal((await table.put('key', 2, { expectedRevision: revision })).revision, revision + 1);
  });

  check('delete tells whether there was a record', async (gcs) => {
    const table = gcs.table<number>('numbers');
    const { revision } = await table.put('key', 1);
    assert.equal(await table.delete('key', { expectedRevision: revision }), true);
    assert.equal(await table.delete('key', { expectedRevision: revision }), false);
    assert.equal(await table.get('key'), undefined);
  });

  check('what is asked without waiting is done in the order of asking', async (gcs) => {
    const table = gcs.table<number>('numbers');
    const answers = await Promise.all([
      table.put('key', 1),
      table.get('key'),
      table.put('key', 2),
      table.delete('key'),
      table.get('key'),
    ]);
    assert.deepEqual([answers[1]?.value, answers[3], answers[4]], [1, true, undefined]);
  });

  check('concurrent compare-and-set increments lose no update', async (gcs) => {
    const table = gcs.table<number>('numbers');
    await table.put('count', 0);
    const increment = async (): Promise<void> => {
      const entry = (await table.get('count'))!;
      try {
        await table.put('count', entry.value + 1, { expectedRevision: entry.revision });
      } catch (error) {
        if (!(error instanceof RevisionConflictError)) throw error;
        await increment();
      }
    };
    await Promise.all(Array.from({ length: 20 }, increment));
    assert.equal((await table.get('count'))?.value, 20);
  });
}

function describeWatches(check: Check): void {
  check('a watch gives every change of its table once, in order, past and live', async (gcs) => {
    const table = gcs.table<Job>('jobs');
    await table.put('a', { status: 'PENDING' });
    await gcs.table('others').put('a', 0);
    await table.put('a', { status: 'RUNNING' });
    const watch = table.watch({ fromRevision: 1 });
    assert.deepEqual(await take(watch, 1), [
      { type: 'put', table: 'jobs', key: 'a', revision: 3, value: { status: 'RUNNING' } },
    ]);
    const live = take(watch, 2);
    await gcs.table('others').delete('a');
    await Promise.all([table.delete('a'), table.put('b', { status: 'PENDING' })]);
    assert.deepEqual(await live, [
      { type: 'delete', table: 'jobs', key: 'a', revision: 5 },
      { type: 'put', table: 'jobs', key: 'b', revision: 6, value: { status: 'PENDING' } },
    ]);
    await watch.return?.();
  });

  check('a watch without a revision begins at the call, before a list that is asked for afterwards', async (gcs) => {
    const table = gcs.table<number>('numbers');
    await table.put('old', 0);
    const watch = table.watch();
    const listed = table.list();
    const put = table.put('new', 1);
    assert.equal((await listed).length, 1);
    assert.deepEqual(await take(watch, 1), [{ type: 'put', table: 'numbers', ...(await put) }]);
    await watch.return?.();
  });

  check('a snapshot and a watch from its revision miss nothing and repeat nothing', async (gcs) => {
    const table = gcs.table<number>('numbers');
    const puts = Array.from({ length: 50 }, (_, n) => table.put(`key${n}`, n));
    const snapshot = await table.snapshot();
    const later = Array.from({ length: 5 }, (_, n) => table.put(`later${n}`, n));
    await Promise.all([...puts, ...later]);
    const seen = await take(table.watch({ fromRevision: snapshot.revision }), 55 - snapshot.entries.length);
    assert.equal(new Set([...snapshot.entries, ...seen].map((each) => each.key)).size, 55);
  });

  check('a snapshot shows every record once, in order, and holds what is wanted of them', async (gcs) => {
    const table = gcs.table<number>('numbers');
    await Promise.all(Array.from({ length: 20 }, (_, n) => table.put(`key${n}`, n)));
    const shown: number[] = [];
    const { entries } = await table.snapshot(({ value }) => shown.push(value) % 5 === 0);
    assert.deepEqual(shown, [...Array(20).keys()]);
    assert.deepEqual(
      entries.map(({ value }) => value),
      [4, 9, 14, 19],
    );
  });

  check('many changes reach a watch page by page without a gap', async (gcs) => {
    const table = gcs.table<number>('numbers');
    const watch = table.watch({ fromRevision: 0 });
    await Promise.all(Array.from({ length: 2_500 }, (_, n) => table.put(`key${n % 7}`, n)));
    const changes = await take(watch, 2_500);
    assert.deepEqual(
      changes.map((change) => change.revision),
      Array.from({ length: 2_500 }, (_, n) => n + 1),
    );
    await watch.return?.();
  });

  check('a watch ends quietly when its signal aborts, whether it waits or not', async (gcs) => {
    const ending = new AbortController();
    const watch = gcs.table('numbers').watch({ signal: ending.signal });
    const waiting = watch.next();
    await gcs.stats();
    ending.abort();
    assert.deepEqual(await waiting, { done: true, value: undefined });
    assert.deepEqual(await gcs.table('numbers').watch({ signal: ending.signal }).next(), {
      done: true,
      value: undefined,
    });
    assert.equal((await gcs.stats()).watches, 0);
  });

  check('a watch that is left in its loop waits nowhere any more', async (gcs) => {
    const table = gcs.table<number>('numbers');
    await table.put('key', 0);
    for await (const _ of table.watch({ fromRevision: 0 })) break;
    assert.equal((await gcs.stats()).watches, 0);
  });

  check(
    'a watch from a revision that the log has dropped is refused, and one of an untouched table is not',
    async (gcs) => {
      const table = gcs.table<number>('numbers');
      const quiet = await gcs.table<number>('quiet').put('key', 0);
      for (let n = 0; n < 20; n++) await table.put('key', n);
      await assert.rejects(table.watch({ fromRevision: 2 }).next(), (error) => {
        assert.ok(error instanceof RevisionCompactedError);
        assert.equal(error.details.fromRevision, 2);
        assert.ok(error.details.compactedRevision >= 11, 'at most a quarter more than changeLogMax is kept');
        return true;
      });
      assert.equal((await take(table.watch({ fromRevision: 13 }), 8)).length, 8);
      const watch = gcs.table<number>('quiet').watch({ fromRevision: quiet.revision });
      const next = watch.next();
      await gcs.table<number>('quiet').put('key', 1);
      assert.equal((await next).value?.revision, 22);
      await watch.return?.();
    },
    { changeLogMax: 8 },
  );
}

function describeLimits(check: Check): void {
  check(
    'a value that JSON cannot carry is refused with the path to the fault',
    async (gcs) => {
      const table = gcs.table<unknown>('things');
      const cycle: { self?: object } = {};
      cycle.self = cycle;
      const faults: [unknown, RegExp][] = [
        [{ a: [1, 2n] }, /2n at \.a\[1\]/],
        [{ at: new Date(0) }, /an instance of Date at \.at/],
        [[undefined], /undefined at \[0\]/],
        [{ n: Number.NaN }, /NaN at \.n/],
        [undefined, /has undefined, which/],
        [cycle, /more than 64 levels deep/],
      ];
      for (const [value, message] of faults)
        await assert.rejects(table.put('key', value), { name: 'TypeError', message });
      await assert.rejects(table.put('key', 'x'.repeat(99)), {
        name: 'RangeError',
        message: /101 characters of JSON/,
      });
    },
    { valueLengthMax: 100 },
  );

  check('a key that could not be given back unchanged is refused', async (gcs) => {
    for (const key of ['', 'a\0b', '\ud800', 'x'.repeat(513)])
      await assert.rejects(gcs.table('things').put(key, 0), { name: 'RangeError', message: /with key/ });
    assert.throws(() => gcs.table(''), RangeError);
  });

  check(
    'calls beyond pendingMax are refused at once, and those within it are answered',
    async (gcs) => {
      const puts = [1, 2, 3].map((n) => gcs.table<number>('numbers').put('key', n));
      const outcomes = await Promise.allSettled(puts);
      assert.deepEqual(outcomes.map((each) => each.status).sort(), ['fulfilled', 'fulfilled', 'rejected']);
      const refused = outcomes[2] as PromiseRejectedResult;
      assert.equal(refused.reason.code, 'GCS_OVERLOADED');
      assert.equal(refused.reason.retryable, true);
    },
    { pendingMax: 2 },
  );
}

function describeEnds(check: Check, kind: Kind): void {
  check('disposing waits for the writes already asked for, then refuses more and ends its watches', async (gcs) => {
    const table = gcs.table<number>('numbers');
    const watching = table.watch().next();
    const put = table.put('key', 1);
    await gcs[Symbol.asyncDispose]();
    assert.equal((await put).revision, 1);
    assert.equal((await watching).done, true);
    await assert.rejects(table.get('key'), { code: 'GCS_CLOSED' });
    assert.throws(() => gcs.connect(), { code: 'GCS_CLOSED' });
    assert.equal(await gcs.closed, undefined);
  });

  test('when the opener closes, every connection ends in order', async () => {
    await using harness = await GcsHarness.create();
    const { gcs, opener } = await harness.reach({ ...kind, overPort: true });
    const further = harness.own(connectGcs(gcs.connect()));
    const watching = further.table('numbers').watch().next();
    await further.table('numbers').put('key', 1);
    assert.equal((await watching).value?.key, 'key');
    const ending = further.table('numbers').watch().next();
    await further.stats();
    await opener[Symbol.asyncDispose]();
    assert.equal(await further.closed, undefined);
    assert.equal(await gcs.closed, undefined);
    assert.equal((await ending).done, true);
    await assert.rejects(gcs.table('numbers').get('key'), { code: 'GCS_CLOSED' });
  });
}

/** The next so many changes. The watch goes on. */
export async function take<T>(watch: AsyncIterator<Change<T>>, count: number): Promise<Change<T>[]> {
  const changes: Change<T>[] = [];
  while (changes.length < count) {
    const step = await watch.next();
    if (step.done) throw new Error(`Cannot take ${count} changes: the watch ended after ${changes.length}`);
    changes.push(step.value);
  }
  return changes;
}
