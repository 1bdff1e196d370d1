/**
 * The group in which this process lives, and the way from there into a group below it and back.
 *
 * Node cannot start a process in a group; but a process is born into the group of its parent. So the launcher goes
 * into the job's group itself, spawns, and comes home, all in one turn of its loop: the job is in its group before it
 * has run an instruction, and nothing of how it is started is any different. The ways there and back take some 30 µs
 * where the kernel has just done the like; no thread of this process may spawn anything else meanwhile.
 *
 * Whether it works is not read anywhere but tried: the directory must be writable, its `cgroup.procs` too, and no
 * controller may be set up so that groups with both processes and children are forbidden.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlGroup } from './control-group.ts';
import { findOwnGroups } from './control-group-place.ts';
import { messageOf } from './failure.ts';

/** Written to a group's `cgroup.procs`: whoever writes it. */
const MYSELF = '0';

export class ControlGroupHome implements Disposable {
  readonly directory: string;
  readonly #procs: number;
  #isAway = false;

  /** The home of this process, or why it can make no groups there. */
  static find(): ControlGroupHome | { readonly refusal: string } {
    const places = findOwnGroups(read('/proc/self/mountinfo'), read('/proc/self/cgroup'));
    let refusal = 'there is no cgroup v2 in which this process is seen';
    for (const place of places) {
      try {
        return ControlGroupHome.#tried(place);
      } catch (error) {
        refusal = messageOf(error);
      }
    }
    return { refusal };
  }

  static #tried(place: string): ControlGroupHome {
    const home = new ControlGroupHome(place);
    const probe = join(place, `heddle-probe-${process.pid}`);
    try {
      mkdirSync(probe);
      try {
        home.#goInto(probe);
      } finally {
        home.comeHome();
        rmdirSync(probe);
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

  /** It could not come home the last time: it may be in a group that is to be killed. */
  get isAway(): boolean {
    return this.#isAway;
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
  }

  [Symbol.dispose](): void {
    closeSync(this.#procs);
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

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // No /proc, or no cgroups in this kernel.
  }
}
