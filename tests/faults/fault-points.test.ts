import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FAULT_POINTS, type KnownPoint, POINT_NAMES } from './fault-points.ts';
import { type Cell, MatrixFleet, type Victim } from './matrix.ts';

/** Some of the matrix, of each kind of step one; all of it: `npm run test:chaos -- --matrix`. */
const CELLS: readonly Cell[] = (
  [
    ['K1', 'daemon'],
    ['K2', 'thread'],
    ['K4', 'launcher'],
    ['K5', 'daemon'],
    ['K8', 'thread'],
    ['K9', 'job'],
    ['K11', 'daemon'],
    ['K14', 'daemon'],
    ['K16', 'daemon'],
    ['K22', 'daemon'],
  ] as const satisfies readonly (readonly [KnownPoint, Victim])[]
).map(([point, victim]) => ({ point, victim }));

/** One for all cells, each of which is a test with the time of a test. */
let fleet: MatrixFleet;
before(async () => {
  fleet = await MatrixFleet.open();
});
after(() => fleet[Symbol.asyncDispose]());

for (const cell of CELLS)
  test(`${cell.point}: the ${cell.victim} is killed there, and no job is lost, repeated or misreported`, () =>
    fleet.run(cell));

test('the fault points of the code, of the matrix and of the docs are the same', async () => {
  const root = new URL('../../', import.meta.url);
  const files = (await Array.fromAsync(glob('packages/{jobs,launcher}/src/*.ts', { cwd: fileURLToPath(root) }))).filter(
    (file) => !file.endsWith('.test.ts'),
  );
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, root), 'utf8')));
  const inCode = texts
    .flatMap((text) => [...text.matchAll(/faultPoint\(([^)]*)\)/g)])
    .flatMap((call) => call[1]!.match(/K\d+/g));
  assert.deepEqual(inCode.toSorted(), POINT_NAMES.toSorted());
  const docs = await readFile(new URL('docs/reliability.md', root), 'utf8');
  const inDocs = new Map([...docs.matchAll(/^\| (K\d+) \| (\w+) \|/gm)].map((row) => [row[1]!, row[2]!]));
  assert.deepEqual(Object.fromEntries(inDocs), FAULT_POINTS);
});
