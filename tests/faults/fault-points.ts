/**
 * The test's end of `faultPoint`: arms a moment, waits until a thread stands still there, and lets it go on.
 *
 * Only one moment is armed at a time.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { delay, realClock } from '@heddle/base';
import { FAULT_POINTS_VARIABLE, type FaultPoint } from '@heddle/launcher';

const PATIENCE_MS = 60_000;
const LOOK_MS = 2;

/** The moments, and in whose thread they are. `docs/reliability.md` says the same in words. */
export const FAULT_POINTS = {
  K0: 'daemon',
  K1: 'daemon',
  K2: 'thread',
  K3: 'launcher',
  K4: 'launcher',
  K5: 'launcher',
  K6: 'launcher',
  K7: 'thread',
  K8: 'thread',
  K9: 'launcher',
  K10: 'launcher',
  K11: 'thread',
  K12: 'thread',
  K13: 'daemon',
  K14: 'daemon',
  K15: 'launcher',
  K16: 'launcher',
  K17: 'launcher',
  K18: 'thread',
  K19: 'daemon',
  K20: 'launcher',
  K21: 'launcher',
  K22: 'daemon',
} as const satisfies Readonly<Record<FaultPoint, 'daemon' | 'thread' | 'launcher'>>;

export type KnownPoint = keyof typeof FAULT_POINTS;
export const POINT_NAMES = Object.keys(FAULT_POINTS) as KnownPoint[];

export class FaultPoints {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** For the processes that are to have these points. */
  get environment(): Readonly<Record<string, string>> {
    return { [FAULT_POINTS_VARIABLE]: this.#directory };
  }

  /** The next thread that comes to this point stands still there. */
  arm(point: KnownPoint): void {
    this.#remove('released');
    this.#remove('reached');
    writeFileSync(join(this.#directory, point), '');
  }

  /** Resolves when a thread stands still at the armed point. */
  async reached(point: KnownPoint): Promise<void> {
    const deadlineMs = realClock.monotonicMs() + PATIENCE_MS;
    while (!existsSync(join(this.#directory, 'reached'))) {
      assert.ok(realClock.monotonicMs() < deadlineMs, `nobody came to ${point}`);
      await delay(realClock, LOOK_MS);
    }
  }

  /** Whoever stands still goes on, if he lives, and nobody stops there any more. */
  release(point: KnownPoint): void {
    this.#remove(point);
    writeFileSync(join(this.#directory, 'released'), '');
  }

  #remove(name: string): void {
    rmSync(join(this.#directory, name), { force: true });
  }
}
