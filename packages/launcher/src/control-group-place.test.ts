import assert from 'node:assert/strict';
import test from 'node:test';
import { findOwnGroups } from './control-group-place.ts';

const V1 = '30 23 0:26 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu';

test('the own group lies below the mount of cgroup v2, wherever that is', () => {
  const pure = '25 23 0:22 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate';
  assert.deepEqual(findOwnGroups(pure, '0::/system.slice/heddle.service\n'), [
    '/sys/fs/cgroup/system.slice/heddle.service',
  ]);
  const hybrid = `${V1}\n44 23 0:40 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n`;
  assert.deepEqual(findOwnGroups(hybrid, '9:name=systemd:/\n2:cpu:/a\n0::/\n'), ['/sys/fs/cgroup/unified']);
});

test('a mount that shows a part of the tree shows the groups below it, and no others', () => {
  const bind = '50 23 0:22 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw';
  assert.deepEqual(findOwnGroups(bind, '0::/docker/abc\n'), ['/sys/fs/cgroup']);
  assert.deepEqual(findOwnGroups(bind, '0::/docker/abc/inner\n'), ['/sys/fs/cgroup/inner']);
  assert.deepEqual(findOwnGroups(bind, '0::/docker/abcdef\n'), []);
  assert.deepEqual(findOwnGroups(bind, '0::/../elsewhere\n'), []);
});

test('a blank in a mount point is a blank', () => {
  assert.deepEqual(findOwnGroups('50 23 0:22 / /mnt/my\\040groups rw - cgroup2 none rw', '0::/a'), [
    '/mnt/my groups/a',
  ]);
});

test('without cgroup v2, or in a group that was removed, there is no own group', () => {
  assert.deepEqual(findOwnGroups(V1, '2:cpu:/a\n'), []);
  assert.deepEqual(findOwnGroups(V1, '2:cpu:/a\n0::/\n'), []);
  assert.deepEqual(findOwnGroups('50 23 0:22 / /sys/fs/cgroup rw - cgroup2 none rw', '0::/a (deleted)\n'), []);
  assert.deepEqual(findOwnGroups('', ''), []);
});
