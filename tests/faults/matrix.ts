/**
 * One cell of the fault-point matrix: brings a fleet to a point, kills a victim while a thread stands still there, lets
 * everything go on, and asks the oracle.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isTerminal } from '@heddle/api';
import type { StartingDaemon } from './daemon.ts';
import { FaultPoints, type KnownPoint, POINT_NAMES } from './fault-points.ts';
import { Fleet, kill, type Plan } from './fleet.ts';

export const VICTIMS = ['daemon', 'launcher', 'thread', 'job'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Cell {
  readonly point: KnownPoint;
  readonly victim: Victim;
}

/** All of them. */
export const MATRIX: readonly Cell[] = POINT_NAMES.flatMap((point) => VICTIMS.map((victim) => ({ point, victim })));

const SHORT: Plan = { lines: 2, pauseMs: 10, end: 3 };
const LONG: Plan = { lines: 25, pauseMs: 20, end: 7 };
const STUBBORN: Plan = { lines: 400, pauseMs: 20, end: 0, ignoresTerm: true, options: { gracePeriodMs: 100 } };
const RETRIED: Plan = { ...SHORT, options: { maxRetries: 1, retryDelayMs: 10 } };

export class MatrixFleet implements AsyncDisposable {
  readonly #fleet: Fleet;
  readonly #points: FaultPoints;

  private constructor(fleet: Fleet, points: FaultPoints) {
    this.#fleet = fleet;
    this.#points = points;
  }

  static async open(): Promise<MatrixFleet> {
    let points: FaultPoints | undefined;
    const fleet = await Fleet.open((directory) => {
      points = new FaultPoints(join(directory, 'points'));
      return points.environment;
    });
    await fleet.startDaemon();
    await fleet.canary({ lines: 1_000_000, pauseMs: 500, end: 0 });
    return new MatrixFleet(fleet, points!);
  }

  async run({ point, victim }: Cell): Promise<void> {
    const starting = await this.#approach(point);
    await this.#points.reached(point);
    const daemonMayEnd = await this.#kill(victim, starting);
    this.#points.release(point);
    await this.#recover(starting, daemonMayEnd);
    await this.#fleet.check();
    await this.#fleet.forget();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#fleet[Symbol.asyncDispose]();
  }

  /** Begins what will come to the point. Gives the daemon that is coming up, if that is it. */
  async #approach(point: KnownPoint): Promise<StartingDaemon | undefined> {
    const fleet = this.#fleet;
    const arm = () => this.#points.arm(point);
    const submit = (plan: Plan) => void fleet.submit(plan).catch(() => {});
    switch (point) {
      case 'K13':
      case 'K14':
      case 'K15':
      case 'K16':
      case 'K17': {
        const id = await fleet.submit(STUBBORN);
        await fleet.untilSaid(id, 'line 1');
        arm();
        void fleet.stop(id).catch(() => {});
        return undefined;
      }
      case 'K18':
        arm();
        submit(RETRIED);
        return undefined;
      case 'K19': {
        const id = await fleet.submit(SHORT);
        await fleet.until(({ status }) => isTerminal(status));
        arm();
        void fleet.delete(id).catch(() => {});
        return undefined;
      }
      case 'K20':
      case 'K21':
        await fleet.untilSaid(await fleet.submit(LONG), 'line 1');
        arm();
        await fleet.killLauncher();
        return undefined;
      case 'K22':
        await fleet.untilSaid(await fleet.submit(LONG), 'line 1');
        await fleet.daemon.kill();
        arm();
        return fleet.beginDaemon();
      default:
        arm();
        submit(SHORT);
        submit(LONG);
        return undefined;
    }
  }

  /** Gives whether the daemon may end of it. */
  async #kill(victim: Victim, starting: StartingDaemon | undefined): Promise<boolean> {
    switch (victim) {
      case 'daemon':
        if (starting === undefined) await this.#fleet.daemon.kill();
        else await killGroup(starting);
        return true;
      case 'launcher':
        await this.#fleet.killLauncher();
        return true; // A daemon that is coming up cannot without it, and says so.
      case 'thread': // It may be the daemon's main thread that stands still: it hears of it when it goes on.
        if (starting === undefined) void this.#fleet.daemon.call('terminateSystemThread').catch(() => {});
        return false;
      case 'job':
        await this.#fleet.killJob();
        return false;
    }
  }

  /** Sees to it that a daemon runs. */
  async #recover(starting: StartingDaemon | undefined, mayEnd: boolean): Promise<void> {
    const fleet = this.#fleet;
    if (starting !== undefined) {
      const daemon = await starting.ready.catch((error) => {
        assert.ok(mayEnd, `a daemon did not come up: ${error}`);
        return undefined;
      });
      if (daemon !== undefined) fleet.took(daemon);
      else await fleet.startAgain();
      return;
    }
    if (fleet.daemon.hasEnded) await fleet.startAgain();
  }
}

async function killGroup({ pid, ended }: StartingDaemon): Promise<void> {
  kill(-pid);
  await ended;
}
