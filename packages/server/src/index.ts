export type { JobService, JobServiceStats, LogRange, RuntimeView } from './job-service.ts';
export { InsecureBindError, SERVER_LIMITS, type ServerOptions } from './options.ts';
export { ListenError, type Server, startServer } from './server.ts';
