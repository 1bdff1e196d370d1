/** The state API: actors, workers, jobs and nodes as Ray's `ray list` reads them. */
import {
  failedState,
  isStateResource,
  type NodeStateRow,
  parseStateQuery,
  ROUTES,
  type StateResource,
  selectState,
  toActorStateRow,
  toJobStateRow,
  toWorkerStateRow,
} from '@heddle/api';
import type { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ServerContext } from './context.ts';
import { toWireError } from './failure.ts';

export function addStateRoutes(app: Hono, context: ServerContext): void {
  app.get(ROUTES.listState.path, async (c, next) => {
    const resource = c.req.param('resource') ?? '';
    if (!isStateResource(resource)) return next();
    try {
      const query = parseStateQuery(resource, new URL(c.req.url).searchParams);
      return c.json(selectState(resource, await rowsOf(resource, context), query));
    } catch (error) {
      const failure = toWireError(error);
      if (failure.status !== 400) throw failure;
      return c.json(failedState(failure.text), failure.status as ContentfulStatusCode);
    }
  });
}

async function rowsOf(resource: StateResource, context: ServerContext): Promise<readonly object[]> {
  const { runtime, readiness, node } = context;
  switch (resource) {
    case 'actors':
      return runtime.listActors().map((actor) => toActorStateRow(actor, node));
    case 'workers':
      return runtime.listWorkers().map((worker) => toWorkerStateRow(worker, node));
    case 'jobs':
      return (await readiness.jobs().listJobs()).map(toJobStateRow);
    case 'nodes':
      return [toNodeStateRow(context)];
  }
}

const toNodeStateRow = ({ node, readiness }: ServerContext): NodeStateRow => ({
  node_id: node.nodeId,
  node_ip: node.nodeIp,
  is_head_node: true,
  state: 'ALIVE',
  state_message: null,
  node_name: node.nodeIp,
  resources_total: readiness.present?.stats().resources.total ?? {},
  labels: {},
});
