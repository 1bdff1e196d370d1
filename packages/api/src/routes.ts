/**
 * Every route, as data: the server serves this table and a test compares the two; the client builds its paths
 * from it. `:id` stands for one path segment. Ray's paths stay Ray's, trailing slash included.
 */
export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Route {
  readonly method: RouteMethod;
  readonly path: string;
}

export const ROUTES = {
  version: { method: 'GET', path: '/api/version' },
  submitJob: { method: 'POST', path: '/api/jobs/' },
  listJobs: { method: 'GET', path: '/api/jobs/' },
  getJob: { method: 'GET', path: '/api/jobs/:id' },
  stopJob: { method: 'POST', path: '/api/jobs/:id/stop' },
  deleteJob: { method: 'DELETE', path: '/api/jobs/:id' },
  getJobLogs: { method: 'GET', path: '/api/jobs/:id/logs' },
  tailJobLogs: { method: 'GET', path: '/api/jobs/:id/logs/tail' },
  getPackage: { method: 'GET', path: '/api/packages/:protocol/:name' },
  putPackage: { method: 'PUT', path: '/api/packages/:protocol/:name' },
  listState: { method: 'GET', path: '/api/v0/:resource' },
  gcsHealth: { method: 'GET', path: '/api/gcs_healthz' },
  health: { method: 'GET', path: '/api/healthz' },
  heddleVersion: { method: 'GET', path: '/api/heddle/version' },
  heddleStatus: { method: 'GET', path: '/api/heddle/status' },
  heddleBackup: { method: 'GET', path: '/api/heddle/backup' },
  heddleShutdown: { method: 'POST', path: '/api/heddle/shutdown' },
  heddleTerminateWorker: { method: 'POST', path: '/api/heddle/workers/:id/terminate' },
  heddleSubmitJob: { method: 'POST', path: '/api/heddle/jobs' },
  heddleListJobs: { method: 'GET', path: '/api/heddle/jobs' },
  heddleGetJob: { method: 'GET', path: '/api/heddle/jobs/:id' },
  heddleJobLog: { method: 'GET', path: '/api/heddle/jobs/:id/logs' },
  heddleTailJobLogs: { method: 'GET', path: '/api/heddle/jobs/:id/logs/tail' },
} as const satisfies Readonly<Record<string, Route>>;

/** The path of a route with its parameters filled in, each encoded as one segment. */
export function pathOf(route: Route, parameters: Readonly<Record<string, string>> = {}): string {
  return route.path.replace(/:(\w+)/g, (_found, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new TypeError(`Cannot build path "${route.path}": no value for "${name}"`);
    return encodeURIComponent(value);
  });
}

/** The port that Ray's clients and Heddle's ask by default. */
export const DEFAULT_PORT = 8265;
/** The address of a daemon that was started without options. */
export const DEFAULT_ADDRESS = `http://127.0.0.1:${DEFAULT_PORT}`;
