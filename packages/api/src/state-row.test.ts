import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActorInfo, WorkerInfo } from './runtime-info.ts';
import {
  fromActorStateRow,
  fromWorkerStateRow,
  isStateResource,
  STATE_COLUMNS,
  toActorStateRow,
  toWorkerStateRow,
} from './state-row.ts';

const node = { nodeId: 'node_1', nodeIp: '127.0.0.1', pid: 7 };
const actor: ActorInfo = {
  actorId: 'actor_1',
  className: 'JobSupervisor',
  name: '_heddle_internal_job_actor_a',
  namespace: 'SUPERVISOR_ACTOR_NAMESPACE',
  state: 'DEAD',
  workerId: 'worker_2',
  threadId: 3,
  pid: 7,
  restartCount: 2,
  isDetached: true,
  deathCause: 'it exited',
  startTime: 1,
  endTime: 2,
};
const worker: WorkerInfo = {
  workerId: 'worker_2',
  threadId: 3,
  pid: 7,
  role: 'system',
  isAlive: true,
  busyMs: 0,
  actors: 1,
};

test('a row has exactly the columns that are declared for it', () => {
  const columns = ({ always, detail }: { always: readonly string[]; detail: readonly string[] }) =>
    [...always, ...detail].sort();
  assert.deepEqual(Object.keys(toActorStateRow(actor, node)).sort(), columns(STATE_COLUMNS.actors));
  assert.deepEqual(Object.keys(toWorkerStateRow(worker, node)).sort(), columns(STATE_COLUMNS.workers));
});

test('actors and workers come back from their rows as they were', () => {
  assert.deepEqual(fromActorStateRow(toActorStateRow(actor, node)), actor);
  assert.deepEqual(fromWorkerStateRow(toWorkerStateRow(worker, node)), worker);
});

test('the counts of restarts are never null, and a thread is a worker that Ray knows', () => {
  const row = toActorStateRow({ ...actor, restartCount: 0 }, node);
  assert.deepEqual([row.num_restarts, row.num_restarts_due_to_node_preemption], [0, 0]);
  assert.equal(toWorkerStateRow({ ...worker, role: 'driver' }, node).worker_type, 'DRIVER');
  assert.equal(toWorkerStateRow(worker, node).worker_type, 'WORKER');
});

test('what every object inherits is no resource', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'tasks']) assert.equal(isStateResource(name), false);
});
