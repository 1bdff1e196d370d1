/**
 * Request in, response out: the guard, then the routes, then what an error looks like. No socket here.
 *
 * Everything passes the guard, unknown paths and upgrades included, so that a new route cannot be forgotten.
 */
import {
  ERROR_CODE_HEADER,
  ERROR_RETRYABLE_HEADER,
  HEDDLE_VERSION,
  HEDDLE_VERSION_HEADER,
  WireError,
} from '@heddle/api';
import type { Context } from 'hono';
import { Hono } from 'hono';
import type { ServerContext } from './context.ts';
import { addDaemonRoutes } from './daemon-routes.ts';
import { toWireError } from './failure.ts';
import { type Caller, type GuardPolicy, judgeCaller } from './guard.ts';
import { addHeddleJobRoutes } from './heddle-job-routes.ts';
import { addJobRoutes } from './job-routes.ts';
import { addPackageRoutes } from './package-routes.ts';
import { addStateRoutes } from './state-routes.ts';

const RETRY_AFTER_S = '1';

export function createApp(context: ServerContext, policy: GuardPolicy): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const startedMs = context.clock.monotonicMs();
    c.header(HEDDLE_VERSION_HEADER, HEDDLE_VERSION);
    c.header('x-content-type-options', 'nosniff');
    c.header('cache-control', 'no-store');
    await next();
    if (c.req.method === 'GET') return;
    const durationMs = Math.round(context.clock.monotonicMs() - startedMs);
    context.logger.info({ method: c.req.method, path: c.req.path, status: c.res.status, durationMs }, 'request');
  });
  app.use(async (c, next) => {
    const refusal = judgeCaller(toCaller(c), policy);
    if (refusal !== undefined) throw refusal;
    await next();
  });
  addJobRoutes(app, context);
  addPackageRoutes(app, context);
  addStateRoutes(app, context);
  addDaemonRoutes(app, context);
  addHeddleJobRoutes(app, context);
  app.notFound((c) => refuse(c, new WireError(404, 'ROUTE_NOT_FOUND', '404: Not Found')));
  app.onError((error, c) => {
    const failure = toWireError(error);
    if (failure.status === 500)
      context.logger.error({ err: error, method: c.req.method, path: c.req.path }, 'request failed');
    return refuse(c, failure);
  });
  return app;
}

function refuse(c: Context, failure: WireError): Response {
  c.header(ERROR_CODE_HEADER, failure.code);
  c.header(ERROR_RETRYABLE_HEADER, String(failure.retryable));
  if (failure.status === 503) c.header('retry-after', RETRY_AFTER_S);
  if (failure.status === 401) c.header('www-authenticate', 'Bearer');
  return c.text(failure.text, failure.status);
}

function toCaller(c: Context): Caller {
  const header = (name: string) => c.req.header(name);
  const length = header('content-length');
  return {
    method: c.req.method,
    host: header('host'),
    origin: header('origin'),
    secFetchSite: header('sec-fetch-site'),
    authorization: header('authorization'),
    contentType: header('content-type'),
    hasBody: header('transfer-encoding') !== undefined || (length !== undefined && length !== '0'),
  };
}
