import { fileURLToPath } from 'node:url';

/** One worker, never idle, with room for every call that is in flight. */
export const poolOptions = (tasksPerWorker: number) => ({
  filename: fileURLToPath(new URL('./workers/pool-task.ts', import.meta.url)),
  minThreads: 1,
  maxThreads: 1,
  concurrentTasksPerWorker: tasksPerWorker,
});
