/** What tells of the daemon itself and what it is told to do: versions, health, status, backup, shutdown. */
import {
  badRequest,
  checkJson,
  type DaemonStatus,
  HEDDLE_VERSION,
  type HealthAnswer,
  type HeddleVersionAnswer,
  isJsonObject,
  RAY_API_VERSION,
  RAY_VERSION,
  ROUTES,
  type ShutdownAnswer,
  type ShutdownRequest,
  type VersionAnswer,
  WireError,
} from '@heddle/api';
import { quote } from '@heddle/base';
import type { Hono } from 'hono';
import type { ServerContext } from './context.ts';
import { toByteStream } from './log-stream.ts';
import { jsonBody } from './request-parts.ts';

export function addDaemonRoutes(app: Hono, context: ServerContext): void {
  const { readiness, runtime, node } = context;

  app.get(ROUTES.version.path, (c) =>
    c.json({
      version: RAY_API_VERSION,
      ray_version: RAY_VERSION,
      ray_commit: `heddle-${HEDDLE_VERSION}`,
      session_name: `session_${node.nodeId}`,
    } satisfies VersionAnswer),
  );
  app.get(ROUTES.gcsHealth.path, (c) => c.text('success'));
  app.get(ROUTES.health.path, (c) => {
    const { state } = readiness;
    const problems = readiness.present?.stats().problems ?? [];
    const answer = { status: state, problems } satisfies HealthAnswer;
    // Degraded is 200: it serves what it can, and whoever restarts it for a 503 would mend nothing.
    return state === 'recovering' ? c.json(answer, 503, { 'retry-after': '1' }) : c.json(answer);
  });

  app.get(ROUTES.heddleVersion.path, (c) =>
    c.json({
      version: HEDDLE_VERSION,
      rayVersion: RAY_VERSION,
      nodeVersion: process.versions.node,
    } satisfies HeddleVersionAnswer),
  );
  app.get(ROUTES.heddleStatus.path, (c) => c.json(statusOf(context)));
  app.get(ROUTES.heddleBackup.path, async (c) => {
    const backup = await readiness.jobs().streamBackup();
    return c.body(toByteStream(backup), 200, { 'content-type': 'application/octet-stream' });
  });
  app.post(ROUTES.heddleShutdown.path, async (c) => {
    const { stopJobs } = parseShutdown(await jsonBody(c));
    const { RUNNING = 0 } = context.readiness.present?.stats().jobs ?? {};
    context.shutdown(stopJobs);
    return c.json({ runningJobs: RUNNING } satisfies ShutdownAnswer);
  });
  app.post(ROUTES.heddleTerminateWorker.path, async (c) => {
    const id = c.req.param('id') ?? '';
    const worker = runtime.listWorkers().find((each) => each.workerId === id && each.isAlive);
    if (worker === undefined) throw new WireError(404, 'WORKER_NOT_FOUND', `Worker ${quote(id)} does not exist`);
    if (worker.role === 'driver')
      throw new WireError(409, 'WORKER_IS_DRIVER', `Worker ${quote(id)} is the daemon's own thread; use shutdown`);
    await runtime.terminateWorker(id);
    return c.json({});
  });
}

function parseShutdown(body: unknown): ShutdownRequest {
  checkJson(body);
  if (!isJsonObject(body) || typeof body.stopJobs !== 'boolean')
    throw badRequest(`Cannot stop the daemon with body ${quote(body)}: expected {"stopJobs": true or false}`);
  return { stopJobs: body.stopJobs };
}

function statusOf(context: ServerContext): DaemonStatus {
  const stats = context.readiness.present?.stats();
  return {
    version: HEDDLE_VERSION,
    state: context.readiness.state,
    pid: context.node.pid,
    directory: context.directory,
    startedAtMs: context.startedAtMs,
    threads: context.runtime.listWorkers().filter((worker) => worker.isAlive).length,
    actors: context.runtime.listActors().filter((actor) => actor.state !== 'DEAD').length,
    launcherPid: stats?.launcher.pid ?? null,
    containment: stats?.launcher.containment ?? null,
    jobs: stats?.jobs ?? null,
    waitingJobs: stats?.waiting ?? null,
    queue: stats?.queue ?? null,
    resources: stats?.resources ?? null,
    supervisors: stats?.supervisors ?? null,
    recovery: stats?.recovered ?? null,
    orphans: stats?.orphans ?? null,
    problems: stats?.problems ?? [],
  };
}
