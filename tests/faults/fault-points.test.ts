import { test } from 'node:test';
import { MatrixFleet, OWN_DEATHS } from './matrix.ts';

test('whoever dies at whatever point of the life of a job, no job is lost, repeated or misreported', async (t) => {
  await using fleet = await MatrixFleet.open();
  for (const cell of OWN_DEATHS)
    await t.test(`${cell.point}: the ${cell.victim} is killed there`, () => fleet.run(cell));
});
