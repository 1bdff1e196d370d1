import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROUTES } from '@heddle/api';
import { ManualClock, silentLogger } from '@heddle/base';
import { createApp } from './app.ts';
import { LogTails } from './log-tails.ts';
import { Readiness } from './readiness.ts';
import { MemoryJobs } from './testing/memory-jobs.ts';

test('the routes that are served are the routes that are written down, each way', () => {
  const clock = new ManualClock();
  const app = createApp(
    {
      readiness: new Readiness(new MemoryJobs()),
      runtime: { listActors: () => [], listWorkers: () => [], terminateWorker: async () => {} },
      tails: new LogTails(clock, silentLogger),
      node: { nodeId: 'daemon_1', nodeIp: '127.0.0.1', pid: 1 },
      directory: '/',
      startedAtMs: 0,
      shutdown: () => {},
      clock,
      logger: silentLogger,
    },
    { hosts: new Set(), allowsAddresses: false, token: undefined },
  );
  const served = app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`);
  const written = Object.values(ROUTES).map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(served.sort(), written.sort());
});
