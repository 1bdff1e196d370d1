/**
 * A control group (cgroup v2) that holds the processes of one attempt: a directory of the kernel's.
 *
 * A process is born into the group of its parent. It leaves it only if somebody who may writes it into another: no
 * new session, no cleared environment and no death of a parent takes it out. So what is in the group is the job's,
 * all of it, and one write to `cgroup.kill` ends it all, those included that are just being forked.
 */
import { constants, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemCodeOf } from './failure.ts';

/** Kills the group and all below it. Linux 5.14 and later. */
const KILL_FILE = 'cgroup.kill';

export class ControlGroup {
  readonly directory: string;
  readonly #killFile: string;

  /** `killFile`: for tests of kernels that have none. */
  constructor(directory: string, killFile = KILL_FILE) {
    this.directory = directory;
    this.#killFile = killFile;
  }

  get name(): string {
    return basename(this.directory);
  }

  /** @throws the system's error when it cannot be made. */
  make(): void {
    mkdirSync(this.directory, { recursive: true });
  }

  /** Its directory, open: whoever is to be born in it is told the number. The caller closes it. @throws the system's error */
  open(): number {
    return openSync(this.directory, constants.O_RDONLY | constants.O_DIRECTORY);
  }

  /** Pids of the living processes in it and in groups that the job has made inside it. None if it is not there. */
  members(): number[] {
    return [...readPids(this.directory), ...this.#inner().flatMap((inner) => inner.members())];
  }

  /** SIGKILL to all of them at once. Gives those that were there. Nobody is killed with his killer: none, if we are in it. */
  kill(): number[] {
    const pids = this.members();
    if (pids.length === 0 || pids.includes(process.pid)) return [];
    if (!write(join(this.directory, this.#killFile), '1')) this.#killEach(pids);
    return pids;
  }

  /** True when it is not there any more. False: somebody is in it, or the kernel has not yet let go of it. */
  remove(): boolean {
    for (const inner of this.#inner()) inner.remove();
    try {
      rmdirSync(this.directory);
      return true;
    } catch (error) {
      return systemCodeOf(error) === 'ENOENT';
    }
  }

  /** One by one, each seen in the group in the moment before. */
  #killEach(pids: readonly number[]): void {
    const path = this.directory.split('/').slice(-2).join('/');
    for (const pid of pids) {
      if (!isWithin(pid, path)) continue;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended: the next look tells.
      }
    }
  }

  #inner(): ControlGroup[] {
    return listGroups(this.directory).map((name) => new ControlGroup(join(this.directory, name), this.#killFile));
  }
}

/** The names of the groups in a group. */
export function listGroups(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return []; // It is not there any more.
  }
}

function readPids(directory: string): number[] {
  try {
    const pids = readFileSync(join(directory, 'cgroup.procs'), 'latin1').split('\n');
    return pids.map(Number).filter((pid) => pid > 0); // 0: a process of another pid namespace.
  } catch {
    return [];
  }
}

/** Whether the process is in the group, or below it, that ends in `path`. */
function isWithin(pid: number, path: string): boolean {
  try {
    return `${readFileSync(`/proc/${pid}/cgroup`, 'latin1').trim().split('\n').at(-1)}/`.includes(`/${path}/`);
  } catch {
    return false;
  }
}

function write(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}
