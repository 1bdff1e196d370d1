/**
 * A thread's connection to whatever launcher lives: opened when first needed, opened again after a loss.
 *
 * The launcher reads what was written to its sockets in the order of writing, also what a daemon wrote before it
 * died. Now and then a request is repeated, as by a client that is not sure. When the launcher dies, every request
 * that is not answered fails with the product's `LauncherGoneError`.
 */
import { LauncherGoneError } from '@heddle/launcher';
import type { AttemptLauncher } from '../../packages/jobs/src/machine.ts';
import { toError } from '../../packages/launcher/src/errors.ts';
import { encodeFailure } from '../../packages/launcher/src/failure.ts';
import type { SimLauncher } from './launcher.ts';
import type { Life } from './timeline.ts';
import type { World } from './world.ts';

export type LinkedLauncher = AttemptLauncher &
  Pick<import('@heddle/launcher').LauncherClient, 'reports' | 'settle'> & { readonly closed: Promise<void> };

const REPEATED = 0.1;

export class LauncherLink {
  readonly #world: World;
  readonly #life: Life;
  #client: Promise<LinkedLauncher> | undefined;

  constructor(world: World, life: Life) {
    this.#world = world;
    this.#life = life;
  }

  /** A living launcher. */
  get(): Promise<LinkedLauncher> {
    this.#client ??= this.#open();
    return this.#client;
  }

  async #open(): Promise<LinkedLauncher> {
    await this.#world.timeline.pause(this.#world.latencyMs(), this.#life);
    const launcher = await this.#world.launcher();
    await this.#world.timeline.pause(0, this.#life); // Not from the launcher's life into a dead one of ours.
    const client = this.#toClient(launcher);
    void client.closed.then(() => {
      this.#client = undefined;
    });
    return client;
  }

  #toClient(launcher: SimLauncher): LinkedLauncher {
    const pending = new Set<(error: Error) => void>();
    const closed = Promise.withResolvers<void>();
    this.#world.onLauncherEnd(launcher, () =>
      this.#world.timeline.after(1, this.#life, () => {
        for (const reject of [...pending]) reject(new LauncherGoneError('the launcher is gone'));
        closed.resolve();
      }),
    );
    const ask = <T>(name: string, work: () => T | Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        if (launcher.life.isOver) {
          reject(new LauncherGoneError('the launcher is gone'));
          return;
        }
        pending.add(reject);
        this.#world.trace(() => `${this.#life.name}: asks the launcher to ${name}`);
        const answer = async () => {
          this.#world.trace(() => `launcher: is asked to ${name} by ${this.#life.name}`);
          try {
            const value = await work();
            this.#reply(() => pending.delete(reject) && resolve(value));
          } catch (error) {
            this.#reply(() => pending.delete(reject) && reject(toError(encodeFailure(error))));
          }
        };
        this.#world.send(launcher, answer);
        if (this.#world.random.chance(REPEATED)) this.#world.send(launcher, answer);
      });
    return {
      closed: closed.promise,
      launch: (request) => ask('launch', () => launcher.launch(request)),
      refuse: (attemptId, jobId) => ask('refuse', () => launcher.refuse(attemptId, jobId)),
      report: (attemptId) => ask('report', () => copy(launcher.report(attemptId))),
      reports: () => ask('reports', () => launcher.reports().map((report) => copy(report))),
      exited: (attemptId) => ask('exited', () => launcher.exited(attemptId)),
      stop: (attemptId, order) => ask('stop', () => launcher.stop(attemptId, order)),
      settle: (attemptIds) => ask('settle', () => launcher.settle(attemptIds)),
    };
  }

  #reply(settle: () => void): void {
    this.#world.timeline.after(this.#world.latencyMs(), this.#life, settle);
  }
}

/** What crosses a socket is what it was then. */
const copy = <T>(report: T): T => (report === undefined ? report : { ...report });
