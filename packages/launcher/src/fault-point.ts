/**
 * Named moments between the steps of a job's life at which a test may kill anything: `docs/reliability.md` lists them.
 *
 * In the program as it is used each is a call of a function that does nothing: which function is decided once, when
 * this file is loaded. With `HEDDLE_FAULT_POINTS` in the environment, naming a directory, a moment is a meeting of this
 * thread with a test: whoever comes to a point for which there is a file `<directory>/<point>` takes that file away,
 * says so by `reached`, and stands still, its whole thread, until there is a file `released`.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The moments, in the order of a job's life. */
export type FaultPoint = `K${number}`;

export const FAULT_POINTS_VARIABLE = 'HEDDLE_FAULT_POINTS';

/** How often a thread that stands still looks whether it may go on. */
const LOOK_MS = 2;

const directory = process.env[FAULT_POINTS_VARIABLE];

export const faultPoint: (point: FaultPoint) => void =
  directory === undefined ? () => {} : (point) => standStillAt(directory, point);

/** What of the environment lets another process of ours have the same points. */
export const faultPointEnvironment: Readonly<Record<string, string>> =
  directory === undefined ? {} : { [FAULT_POINTS_VARIABLE]: directory };

function standStillAt(place: string, point: FaultPoint): void {
  if (!take(join(place, point))) return;
  const reached = join(place, 'reached');
  writeFileSync(`${reached}.new`, `${process.pid}`);
  renameSync(`${reached}.new`, reached);
  const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  while (existsSync(place) && !existsSync(join(place, 'released'))) Atomics.wait(pause, 0, 0, LOOK_MS);
}

/** Of all threads that come by, one takes it. */
function take(file: string): boolean {
  try {
    rmSync(file);
    return true;
  } catch {
    return false;
  }
}
