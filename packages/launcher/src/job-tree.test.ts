import assert from 'node:assert/strict';
import test from 'node:test';
import { JobTree } from './job-tree.ts';
import { type ProcessFacts, ProcessLook } from './process-table.ts';

type Given = Partial<ProcessFacts> & { readonly pid: number };

const lookAt = (...all: readonly Given[]): ProcessLook =>
  new ProcessLook(
    all.map((facts) => ({
      startTime: `${facts.pid}`,
      parentPid: 1,
      groupId: facts.pid,
      sessionId: facts.pid,
      isZombie: false,
      mark: undefined,
      jobId: undefined,
      ...facts,
    })),
  );

const pids = (found: readonly ProcessFacts[]): number[] => found.map(({ pid }) => pid).sort((a, b) => a - b);

test('a tree is its leader, its marked processes, its group and all their descendants', () => {
  const tree = new JobTree('m:a', { pid: 100, startTime: '100' });
  const found = tree.select(
    lookAt(
      { pid: 100 },
      { pid: 101, parentPid: 100, groupId: 100 },
      { pid: 102, groupId: 100 },
      { pid: 103, mark: 'm:a' },
      { pid: 104, parentPid: 103 },
      { pid: 105, mark: 'm:ab' },
      { pid: 106 },
    ),
  );
  assert.deepEqual(pids(found), [100, 101, 102, 103, 104]);
});

test('a process that lost its parent and has no mark is known from an earlier look, unless its pid is reused', () => {
  const tree = new JobTree('m:a', { pid: 100, startTime: '100' });
  tree.select(lookAt({ pid: 100 }, { pid: 101, parentPid: 100 }, { pid: 102, parentPid: 100 }));
  assert.deepEqual(pids(tree.select(lookAt({ pid: 101 }, { pid: 102, startTime: 'later' }))), [101]);
});

test("a group is not the job's any more when its number is another process's pid", () => {
  const tree = new JobTree('m:a', { pid: 100, startTime: '100' });
  const look = lookAt({ pid: 100, startTime: 'later' }, { pid: 101, groupId: 100 });
  assert.deepEqual(tree.select(look), []);
});

test('zombies are not alive, but their children are found', () => {
  const tree = new JobTree('m:a', { pid: 100, startTime: '100' });
  const look = lookAt({ pid: 100, isZombie: true }, { pid: 101, parentPid: 100 });
  assert.deepEqual(pids(tree.select(look)), [101]);
});

test('init, kernel threads and we ourselves are never part of a tree', () => {
  const tree = new JobTree(() => true);
  const look = lookAt({ pid: 1, mark: 'm:a' }, { pid: 2, mark: 'm:a' }, { pid: process.pid, mark: 'm:a' });
  assert.deepEqual(tree.select(look), []);
});
