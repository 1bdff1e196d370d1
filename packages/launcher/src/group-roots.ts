/**
 * Where the control groups of a state directory are, so that whoever comes after a launcher finds them.
 *
 *   <group of the launcher>/heddle-<identity>/<attempt id>
 *
 * The next launcher may live in another group, and so may the daemon that looks for leftovers. So each directory
 * `heddle-…` is noted in a file, one a line, before the first group is made in it. The kernel forgets all groups
 * with the boot; a line whose directory is gone says nothing.
 */
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ControlGroup, listGroups } from './control-group.ts';
import { systemCodeOf } from './failure.ts';
import { nextTurn } from './turn.ts';

const ROOT_PREFIX = 'heddle-';
/** Groups read before the loop may turn. */
const SLICE = 32;

/** What may be part of a path. Ids and identities of Heddle's own all are. */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;

/** A group that was found, and the mark of the processes in it. */
export interface FoundGroup {
  readonly mark: string;
  readonly group: ControlGroup;
}

/** Where in `place` the groups of this mark's state directory are, and the attempt's among them. Undefined: no safe name. */
export function toGroupPath(
  place: string,
  marker: string,
): { readonly root: string; readonly name: string } | undefined {
  const [identity = '', name = ''] = marker.split(':', 2);
  if (!SAFE_NAME.test(identity) || !SAFE_NAME.test(name) || marker !== `${identity}:${name}`) return undefined;
  return { root: join(place, `${ROOT_PREFIX}${identity}`), name };
}

/** The directories that were noted, whether they still are there or not. */
export function readGroupRoots(file: string): string[] {
  return [...new Set(readLines(file).filter((line) => line.startsWith('/')))];
}

/** A launcher that leaves removes the file, perhaps in the moment in which it is read. */
function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return [];
    throw error;
  }
}

/** A line on its own, whatever became of the line before. */
export function noteGroupRoot(file: string, root: string): void {
  if (!readGroupRoots(file).includes(root)) appendFileSync(file, `\n${root}\n`, { mode: 0o600 });
}

/** Leaves in the file what still is there; no file if nothing is. */
export function forgetGoneRoots(file: string): void {
  const roots = readGroupRoots(file);
  const left = roots.filter((root) => existsSync(root));
  if (left.length === 0) rmSync(file, { force: true });
  else if (left.length < roots.length) writeFileSync(file, left.map((root) => `${root}\n`).join(''), { mode: 0o600 });
}

/** All groups whose marks begin with `markPrefix`. */
export function findGroups(file: string, markPrefix: string): FoundGroup[] {
  return readGroupRoots(file).flatMap((root) => {
    const identity = basename(root).slice(ROOT_PREFIX.length);
    if (!markPrefix.startsWith(`${identity}:`)) return [];
    return listGroups(root)
      .map((name) => ({ mark: `${identity}:${name}`, group: new ControlGroup(join(root, name)) }))
      .filter(({ mark }) => mark.startsWith(markPrefix));
  });
}

/** The pids in them, each with its mark. In slices, so that a loop which serves others goes on serving. */
export async function findMembers(groups: readonly FoundGroup[]): Promise<{ pid: number; mark: string }[]> {
  const found: { pid: number; mark: string }[] = [];
  for (const [index, { mark, group }] of groups.entries()) {
    if (index % SLICE === SLICE - 1) await nextTurn();
    for (const pid of group.members()) found.push({ pid, mark });
  }
  return found;
}
