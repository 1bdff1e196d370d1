/**
 * Where in the tree of control groups (cgroup v2) a process may make groups of its own: below the one it is in. Pure.
 *
 * `/proc/self/cgroup` names that group (`0::/system.slice/heddle.service`), `/proc/self/mountinfo` the directories at
 * which the tree, or a part of it, is seen: `/sys/fs/cgroup`, or `/sys/fs/cgroup/unified` beside the groups of v1. A
 * container sees a part of the tree as if it were the whole, or a group of which no mount shows anything.
 */

/** The directories that are the process's own group, by any mount; none where there is no cgroup v2. */
export function findOwnGroups(mountinfo: string, selfCgroup: string): string[] {
  const own = /^0::(\/.*)$/m.exec(selfCgroup)?.[1];
  if (own === undefined || own.startsWith('/..') || own.endsWith(' (deleted)')) return [];
  return mountinfo.split('\n').flatMap((line) => {
    const mount = toMount(line);
    const below = mount === undefined ? undefined : pathBelow(mount.root, own);
    return below === undefined ? [] : [`${mount!.point === '/' ? '' : mount!.point}${below}`];
  });
}

interface Mount {
  /** Which group of the tree is seen at the mount point. */
  readonly root: string;
  readonly point: string;
}

/** `36 35 0:30 <root> <mount point> <options> [<tag> …] - cgroup2 <source> <options>` */
function toMount(line: string): Mount | undefined {
  const [before = '', after = ''] = line.split(' - ', 2);
  if (!after.startsWith('cgroup2 ')) return undefined;
  const [, , , root = '', point = ''] = before.split(' ');
  return { root: withoutEscapes(root), point: withoutEscapes(point) };
}

/** Blanks in a path are written as `\040`. */
const withoutEscapes = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** `/a/b` is `/b` below `/a`, and the empty path below itself. Undefined when it lies elsewhere. */
function pathBelow(root: string, path: string): string | undefined {
  const base = root === '/' ? '' : root;
  if (path !== base && !path.startsWith(`${base}/`)) return undefined;
  const below = path.slice(base.length);
  return below === '/' ? '' : below;
}
