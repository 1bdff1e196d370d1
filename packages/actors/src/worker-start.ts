/**
 * What every thread and process that runs user code is told at its start, whatever carries it; what it is told beside
 * this stands with its carrier.
 */
import { presentJobId } from './job-id.ts';
import type { Tracing } from './task-trace.ts';

export interface WorkerStart {
  readonly runtimeId: string;
  /** Of names that are given without one. */
  readonly namespace: string;
  /** Where the runtime's processes listen. */
  readonly folder: string;
  readonly tracing: Tracing;
  /** The module that registers an OpenTelemetry SDK. */
  readonly telemetry: string | undefined;
  readonly jobId: string | undefined;
}

interface WorkerStartSource extends Omit<WorkerStart, 'folder' | 'jobId'> {
  readonly folder: { readonly path: string };
}

export function workerStart({ runtimeId, namespace, folder, tracing, telemetry }: WorkerStartSource): WorkerStart {
  return { runtimeId, namespace, folder: folder.path, tracing, telemetry, jobId: presentJobId() };
}
