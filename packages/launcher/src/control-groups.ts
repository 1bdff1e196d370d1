/**
 * The control groups of one launcher: makes one for each attempt that wants it, has its process born in it, and
 * removes it when it is empty.
 *
 * What it cannot do it says, and the attempt gets the marker tier instead, or fails if it asked for a group and
 * nothing else. A group that the kernel does not yet let go of is removed later: with the next one, or at the end.
 */
import { existsSync, rmdirSync } from 'node:fs';
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
  /** For people: what went wrong without ending anything. */
  readonly log: (message: string) => void;
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
    const home = ControlGroupHome.find();
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
    return this.#refusal ?? `groups are made in ${this.#home?.directory}`;
  }

  /** The request is to be spawned as soon as it is durable: makes that quick. */
  prepare({ containment = 'marker' }: LaunchRequest): void {
    if (containment !== 'marker' && this.#refusal === undefined) void this.#home?.warm();
  }

  /**
   * Calls `spawn` so that what it spawns before its first `await` is born in the attempt's group, which it is given;
   * or without one. `refused` is called instead when the request wants a group and there can be none.
   */
  async spawnIn<T>(
    request: LaunchRequest,
    spawn: (group: ControlGroup | undefined) => Promise<T>,
    refused: (refusal: string) => T,
  ): Promise<T> {
    const { containment = 'marker' } = request;
    this.#comeHome(); // It is at home, unless it failed to come the last time.
    if (containment === 'marker') return spawn(undefined);
    if (this.#refusal === undefined) {
      do await this.#home?.warm();
      while (this.#home?.isWarming);
    }
    const entered = this.#enter(request.marker);
    if ('refusal' in entered) return containment === 'cgroup' ? refused(entered.refusal) : spawn(undefined);
    let spawning: Promise<T>;
    try {
      spawning = spawn(entered.group);
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

  #enter(marker: string): Entered {
    if (this.#refusal !== undefined) return { refusal: this.#refusal };
    const home = this.#home!;
    const path = toGroupPath(home.directory, marker);
    if (path === undefined) return { refusal: `the mark "${marker}" is no name for a group` };
    const group = new ControlGroup(join(path.root, path.name));
    try {
      this.#note(path.root);
      enterAgain(home, group);
      return { group };
    } catch (error) {
      const refusal = `its group cannot be entered: ${messageOf(error)}`;
      this.#options.log(`attempt "${path.name}": ${refusal}`);
      group.remove();
      return { refusal };
    }
  }

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
