/**
 * The control groups of one launcher: makes one for each attempt that wants it, has its process born in it, and
 * removes it when it is empty.
 *
 * What it cannot do it says, and the attempt gets the marker tier instead, or fails if it asked for a group and
 * nothing else. A group that the kernel does not yet let go of is removed later: with the next one, or at the end.
 */
import { closeSync, existsSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Containment, LaunchRequest } from './attempt.ts';
import { ControlGroup, listGroups } from './control-group.ts';
import { ControlGroupHome } from './control-group-home.ts';
import { messageOf, systemCodeOf } from './failure.ts';
import { forgetGoneRoots, noteGroupRoot, readGroupRoots, toGroupPath } from './group-roots.ts';

/** Between the making of a group and the entering of it somebody may tidy up. */
const ENTER_TRIES = 5;

export interface ControlGroupsOptions {
  /** Where the directories of groups are noted. */
  readonly rootsFile: string;
  /** Whether processes can be started in the group of this directory. */
  readonly canStartIn: (groupFd: number) => boolean;
  /** For people: what went wrong without ending anything. */
  readonly log: (message: string) => void;
}

/** How a process is started, each way with another group. */
export interface SpawnWays<T> {
  /** In this group, whose open directory that is. Undefined: nothing was started. */
  into(group: ControlGroup, directory: number): T | undefined;
  /** In the group that this process is in: the attempt's, or none of its own. What it starts, it starts before its first `await`. */
  here(group: ControlGroup | undefined): Promise<T>;
  /** There is no group, in words. */
  refused(refusal: string): T;
}

/** Why there is no group, in words, or the group. */
type Entered = { readonly group: ControlGroup } | { readonly refusal: string };

export class ControlGroups {
  readonly #options: ControlGroupsOptions;
  readonly #home: ControlGroupHome | undefined;
  readonly #roots: Set<string>;
  readonly #unremoved = new Set<ControlGroup>();
  #refusal: string | undefined;

  constructor(options: ControlGroupsOptions) {
    this.#options = options;
    const home = ControlGroupHome.find(options.canStartIn);
    this.#home = home instanceof ControlGroupHome ? home : undefined;
    this.#refusal = home instanceof ControlGroupHome ? undefined : home.refusal;
    this.#roots = new Set(readGroupRoots(options.rootsFile));
    this.#removeEmpty();
  }

  /** What an attempt gets that does not mind. */
  get containment(): Containment {
    return this.#refusal === undefined ? 'cgroup' : 'marker';
  }

  /** Where groups are made, or why none can be. */
  get reason(): string {
    if (this.#refusal !== undefined) return this.#refusal;
    const { directory, isBirthplace } = this.#home!;
    const way = isBirthplace ? '' : ', and the launcher goes into one for each start, which takes it 10 ms and more';
    return `groups are made in ${directory}${way}`;
  }

  /** The request is to be spawned as soon as it is durable: makes that quick. */
  prepare({ containment = 'marker' }: LaunchRequest): void {
    if (containment === 'marker' || this.#refusal !== undefined || this.#home!.isBirthplace) return;
    void this.#home!.warm();
  }

  /** Makes the group of an attempt that is about to be spawned. Undone by `removeAhead`, should it not be. @throws the system's error */
  makeAhead({ containment = 'marker', marker }: LaunchRequest): void {
    if (containment !== 'marker' && this.#home?.isBirthplace) this.#groupFor(marker)?.make();
  }

  removeAhead({ marker }: LaunchRequest): void {
    for (const group of this.find(marker)) this.removeSoon(group);
  }

  /**
   * Has a process started in the attempt's group, or without one. First by `into`; where that is not to be had, or could
   * not start it, by `here`, while this process is in there itself. `refused` is called instead when the request wants a
   * group and there can be none.
   */
  async spawnIn<T>(request: LaunchRequest, ways: SpawnWays<T>): Promise<T> {
    const { containment = 'marker', marker } = request;
    this.#comeHome(); // It is at home, unless it failed to come the last time.
    if (containment === 'marker') return ways.here(undefined);
    const born = this.#spawnInto(marker, ways);
    if (born !== undefined) return born;
    if (this.#refusal === undefined) {
      do await this.#home?.warm();
      while (this.#home?.isWarming);
    }
    const entered = this.#enter(marker);
    if ('refusal' in entered) return containment === 'cgroup' ? ways.refused(entered.refusal) : ways.here(undefined);
    let spawning: Promise<T>;
    try {
      spawning = ways.here(entered.group);
    } finally {
      this.#comeHome();
    }
    return spawning;
  }

  /** The groups of a mark that are there, whichever launcher made them. */
  find(marker: string): ControlGroup[] {
    return [...this.#roots].flatMap((root) => {
      const path = toGroupPath(dirname(root), marker);
      if (path === undefined || path.root !== root) return [];
      const directory = join(root, path.name);
      return existsSync(directory) ? [new ControlGroup(directory)] : [];
    });
  }

  /** True: it was empty, and is gone. False: somebody is in it, or the kernel takes a moment. */
  remove(group: ControlGroup): boolean {
    for (const each of this.#unremoved) if (each.remove()) this.#unremoved.delete(each);
    return group.remove();
  }

  /** Whoever was in it has been killed: it goes now, or with the next one. */
  removeSoon(group: ControlGroup): void {
    if (!this.remove(group)) this.#unremoved.add(group);
  }

  /** The launcher leaves: what is empty goes. */
  close(): void {
    this.#removeEmpty();
    this.#home?.[Symbol.dispose]();
  }

  /** Undefined when nothing was started: whoever goes the other way finds out why. */
  #spawnInto<T>(marker: string, { into }: SpawnWays<T>): T | undefined {
    const opened = this.#home?.isBirthplace ? this.#makeFor(marker) : undefined;
    if (opened === undefined) return undefined;
    try {
      return into(opened.group, opened.directory);
    } finally {
      closeSync(opened.directory);
    }
  }

  #makeFor(marker: string): { readonly group: ControlGroup; readonly directory: number } | undefined {
    try {
      const group = this.#groupFor(marker);
      group?.make();
      return group && { group, directory: group.open() };
    } catch {
      return undefined;
    }
  }

  /** Not made yet. Undefined: there are none, or the mark is no name for one. @throws the system's error if it cannot be noted. */
  #groupFor(marker: string): ControlGroup | undefined {
    const path = this.#refusal === undefined ? toGroupPath(this.#home!.directory, marker) : undefined;
    if (path === undefined) return undefined;
    this.#note(path.root);
    return new ControlGroup(join(path.root, path.name));
  }

  #enter(marker: string): Entered {
    if (this.#refusal !== undefined) return { refusal: this.#refusal };
    let group: ControlGroup | undefined;
    try {
      group = this.#groupFor(marker);
      if (group === undefined) return { refusal: `the mark "${marker}" is no name for a group` };
      enterAgain(this.#home!, group);
      return { group };
    } catch (error) {
      const refusal = `its group cannot be entered: ${messageOf(error)}`;
      this.#options.log(`mark "${marker}": ${refusal}`);
      group?.remove();
      return { refusal };
    }
  }

  /** @throws the system's error */
  #note(root: string): void {
    if (this.#roots.has(root)) return;
    noteGroupRoot(this.#options.rootsFile, root);
    this.#roots.add(root);
  }

  /** Who cannot come home makes no more groups: it would be killed with one of them. */
  #comeHome(): void {
    try {
      this.#home?.comeHome();
    } catch (error) {
      this.#refusal = `the launcher could not leave a group: ${messageOf(error)}`;
      this.#options.log(this.#refusal);
    }
  }

  #removeEmpty(): void {
    for (const root of this.#roots) {
      for (const name of listGroups(root)) {
        const group = new ControlGroup(join(root, name));
        if (group.members().length === 0) group.remove();
      }
      if (removeRoot(root)) this.#roots.delete(root);
    }
    forgetGoneRoots(this.#options.rootsFile);
  }
}

function enterAgain(home: ControlGroupHome, group: ControlGroup): void {
  for (let tries = 1; ; tries++) {
    try {
      home.enter(group);
      return;
    } catch (error) {
      if (tries === ENTER_TRIES || systemCodeOf(error) !== 'ENOENT') throw error;
    }
  }
}

/** True when it is not there any more. */
function removeRoot(root: string): boolean {
  try {
    rmdirSync(root);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT';
  }
}
