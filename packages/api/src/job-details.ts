/** A job on Ray's routes: exactly these 15 keys, null where unknown. */

import type { JobErrorType } from './job-error-type.ts';
import type { JobInfo } from './job-info.ts';
import type { JobStatus } from './job-status.ts';
import { toWireRuntimeEnv, type WireRuntimeEnv } from './runtime-env.ts';

/** Ray: `DriverInfo`. All strings, the pid included. */
export interface DriverInfo {
  readonly id: string;
  readonly node_ip_address: string;
  readonly pid: string;
}

/** Ray: `JobDetails`. */
export interface JobDetails {
  readonly type: 'SUBMISSION';
  readonly job_id: string | null;
  readonly submission_id: string;
  readonly driver_info: DriverInfo | null;
  readonly status: JobStatus;
  readonly entrypoint: string;
  readonly message: string;
  readonly error_type: JobErrorType | null;
  /** ms since the epoch. */
  readonly start_time: number | null;
  readonly end_time: number | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly runtime_env: WireRuntimeEnv | null;
  readonly driver_agent_http_address: string | null;
  readonly driver_node_id: string | null;
  /** Negative for a signal; null for STOPPED and before the end. */
  readonly driver_exit_code: number | null;
}

/** Where every job of this daemon runs. */
const NODE_IP_ADDRESS = '127.0.0.1';

export function toJobDetails(info: JobInfo): JobDetails {
  return {
    type: 'SUBMISSION',
    job_id: null,
    submission_id: info.submissionId,
    driver_info: toDriverInfo(info),
    status: info.status,
    entrypoint: info.entrypoint,
    message: info.message,
    error_type: info.errorType,
    start_time: info.startTime,
    end_time: info.endTime,
    metadata: info.metadata,
    runtime_env: info.runtimeEnv === null ? null : toWireRuntimeEnv(info.runtimeEnv),
    driver_agent_http_address: null,
    driver_node_id: null,
    driver_exit_code: info.status === 'STOPPED' ? null : info.driverExitCode,
  };
}

export const toDriverInfo = (info: JobInfo): DriverInfo | null =>
  info.driverPid === null
    ? null
    : { id: info.submissionId, node_ip_address: NODE_IP_ADDRESS, pid: String(info.driverPid) };
