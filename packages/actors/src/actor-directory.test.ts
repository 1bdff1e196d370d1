import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActorDirectory } from './actor-directory.ts';
import { ActorRecord, type ActorTemplate } from './actor-record.ts';

const template = (name?: string) => ({ namespace: 'here', epochMs: 0, options: { name } }) as ActorTemplate;

function added(directory: ActorDirectory, actor: number, name?: string, owner?: number): ActorRecord {
  const record = new ActorRecord(actor, template(name), owner, 5);
  assert.ok(directory.add(record));
  return record;
}

test('a record is found by its key, its incarnation, its name, and each further key, until it is buried', () => {
  const directory = new ActorDirectory();
  const record = added(directory, 7, 'one');
  directory.setCell(record, 1);
  directory.setCell(record, 2);
  directory.alias(8, record);
  assert.equal(directory.add(new ActorRecord(9, template('one'), undefined, 5)), false);
  const found = () => [directory.get(7), directory.get(8), directory.byCell(2), directory.byName('one', 'here')];
  assert.deepEqual(found(), [record, record, record, record]);
  assert.equal(directory.byCell(1), undefined);
  assert.deepEqual(directory.living(), [record]);
  assert.equal(directory.size, 1);
  directory.bury(record);
  assert.deepEqual(found(), [undefined, undefined, undefined, undefined]);
  assert.equal(directory.dead(8), record);
  assert.equal(directory.size, 0);
});

test('of the dead the latest thousand are kept, oldest first, behind those that live', () => {
  const directory = new ActorDirectory();
  const living = added(directory, 5_000);
  for (let actor = 0; actor < 1_234; actor++) directory.bury(added(directory, actor));
  const all = directory.all();
  assert.deepEqual(
    all.map(({ actor }) => actor),
    [living.actor, ...Array.from({ length: 1_000 }, (_, at) => 234 + at)],
  );
  assert.equal(directory.dead(233), undefined);
  assert.equal(directory.dead(1_233), all.at(-1));
});

test('what an actor made is its own as long as it lives', () => {
  const directory = new ActorDirectory();
  const maker = added(directory, 1);
  const made = [added(directory, 2, undefined, 1), added(directory, 3, undefined, 1)];
  assert.deepEqual(directory.ownedBy(1), made);
  directory.bury(made[0]!);
  assert.deepEqual(directory.ownedBy(1), [made[1]]);
  directory.bury(maker);
  assert.deepEqual(directory.ownedBy(1), []);
});
