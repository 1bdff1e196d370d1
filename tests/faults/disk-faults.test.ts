import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DiskFault, findObstacle, runWithFault } from './disk-faults.ts';

/** Some; each write and sync with each error: `npm run test:chaos -- --disk`. */
const FAULTS: readonly DiskFault[] = [
  { call: 'fdatasync', error: 'EIO', when: 1 },
  { call: 'pwrite64', error: 'ENOSPC', when: 2 },
];

for (const fault of FAULTS) {
  const name = `${fault.error} at ${fault.call} ${fault.when} of a job's way loses nothing that was acknowledged`;
  test(name, { skip: findObstacle() ?? false }, async () => {
    assert.ok((await runWithFault(fault)).hits > 0);
  });
}
