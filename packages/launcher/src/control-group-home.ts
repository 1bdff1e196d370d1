/**
 * The group in which this process lives, and the way from there into a group below it and back.
 *
 * Where the launcher cannot have a process born in a group (`clone-spawn.ts`), it uses that a process is born into the
 * group of its parent: it goes into the job's group itself, spawns, and comes home, all in one turn of its loop: the job
 * is in its group before it has run an instruction, and nothing of how it is started is any different. No thread of this
 * process may spawn anything else meanwhile.
 *
 * The kernel lets a process change its group under a lock of the whole machine. The first to take it after a while
 * waits for a grace period of RCU, 10 ms and more; whoever comes within some milliseconds after him goes through in
 * 50 µs. So before a spawn another thread takes it (`warm`: from home to home), while the claim is made durable.
 *
 * Whether it works is not read anywhere but tried: the directory must be writable, its `cgroup.procs` too, and no
 * controller may be set up so that groups with both processes and children are forbidden.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ControlGroup } from './control-group.ts';
import { findOwnGroups } from './control-group-place.ts';
import { messageOf } from './failure.ts';
import { nodeClock } from './node-clock.ts';

/** Written to a group's `cgroup.procs`: whoever writes it. */
const MYSELF = '0';
/** So long after a change of groups the next one does not wait: less than a grace period of the kernel. */
const WARM_MS = 10;

export class ControlGroupHome implements Disposable {
  readonly directory: string;
  readonly #procs: number;
  #isBirthplace = false;
  #isAway = false;
  #warming: Promise<void> | undefined;
  #changedMs = Number.NEGATIVE_INFINITY;

  /** The home of this process, `canStartIn` a group if that says so; or why it can make no groups there. */
  static find(canStartIn: (groupFd: number) => boolean = () => false): ControlGroupHome | { readonly refusal: string } {
    const places = findOwnGroups(read('/proc/self/mountinfo'), read('/proc/self/cgroup'));
    let refusal = 'there is no cgroup v2 in which this process is seen';
    for (const place of places) {
      try {
        return ControlGroupHome.#tried(place, canStartIn);
      } catch (error) {
        refusal = messageOf(error);
      }
    }
    return { refusal };
  }

  static #tried(place: string, canStartIn: (groupFd: number) => boolean): ControlGroupHome {
    const home = new ControlGroupHome(place);
    const probe = new ControlGroup(join(place, `heddle-probe-${process.pid}`));
    try {
      mkdirSync(probe.directory);
      try {
        home.#isBirthplace = isBirthplace(probe, canStartIn);
        home.#goInto(probe.directory);
      } finally {
        home.comeHome();
        rmdirSync(probe.directory);
      }
      return home;
    } catch (error) {
      home[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(directory: string) {
    this.directory = directory;
    this.#procs = openSync(join(directory, 'cgroup.procs'), 'r+');
  }

  /** Processes can be born in the groups below it, so there is no need to go there. */
  get isBirthplace(): boolean {
    return this.#isBirthplace;
  }

  /** It could not come home the last time: it may be in a group that is to be killed. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** Another thread is about to write this process home: not a moment to go into a group. */
  get isWarming(): boolean {
    return this.#warming !== undefined;
  }

  /** Resolves when a change of groups would go through at once. Whoever waited makes it before the next `await`, unless `isWarming`. */
  async warm(): Promise<void> {
    while (this.#warming !== undefined || nodeClock.monotonicMs() - this.#changedMs > WARM_MS) {
      this.#warming ??= this.#changeNothing();
      await this.#warming;
    }
  }

  /** From here on, until `comeHome`, what is spawned is born in the group. Makes it if need be. @throws the system's error */
  enter(group: ControlGroup): void {
    group.make();
    this.#goInto(group.directory);
  }

  /** @throws the system's error; it stays away then, and `isAway` says so. */
  comeHome(): void {
    if (!this.#isAway) return;
    writeSync(this.#procs, MYSELF);
    this.#isAway = false;
    this.#changedMs = nodeClock.monotonicMs();
  }

  /** Not while another thread writes to it: the number of the descriptor may be another file's next. */
  [Symbol.dispose](): void {
    if (this.#warming === undefined) closeSync(this.#procs);
    else void this.#warming.then(() => closeSync(this.#procs));
  }

  /** In another thread. While it is under way nobody goes into a group: he would be called back. */
  #changeNothing(): Promise<void> {
    return new Promise((resolve) => {
      write(this.#procs, MYSELF, () => {
        this.#warming = undefined;
        this.#changedMs = nodeClock.monotonicMs(); // If it failed, so will the real one, and says why.
        resolve();
      });
    });
  }

  #goInto(directory: string): void {
    const procs = openSync(join(directory, 'cgroup.procs'), 'r+');
    try {
      writeSync(procs, MYSELF);
      this.#isAway = true;
    } finally {
      closeSync(procs);
    }
  }
}

function isBirthplace(group: ControlGroup, canStartIn: (groupFd: number) => boolean): boolean {
  const directory = group.open();
  try {
    return canStartIn(directory);
  } finally {
    closeSync(directory);
  }
}

/** Whether this process could make control groups for attempts: makes one, goes into it, comes home and removes it. */
export function probeControlGroups(): { readonly canMake: boolean; readonly reason: string } {
  const home = ControlGroupHome.find();
  if (!(home instanceof ControlGroupHome)) return { canMake: false, reason: home.refusal };
  home[Symbol.dispose]();
  return { canMake: true, reason: `groups are made in ${home.directory}` };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // No /proc, or no cgroups in this kernel.
  }
}
