/** The short answers of Ray's routes. Ray's client reads them as strict dataclasses: one key more crashes it. */

/** GET `/api/version`. `version` is the number of the REST API that Ray's client asks for, not Heddle's. */
export interface VersionAnswer {
  readonly version: string;
  readonly ray_version: string;
  readonly ray_commit: string;
  readonly session_name: string;
}

/** POST `/api/jobs/{id}/stop`. True whenever this or an earlier request makes the job STOPPED. */
export interface JobStopAnswer {
  readonly stopped: boolean;
}

/** DELETE `/api/jobs/{id}`. */
export interface JobDeleteAnswer {
  readonly deleted: boolean;
}

/** GET `/api/jobs/{id}/logs`. */
export interface JobLogsAnswer {
  readonly logs: string;
}

/** The version of Ray whose API Heddle serves. */
export const RAY_VERSION = '2.58.0';
/** The version of its REST API. */
export const RAY_API_VERSION = '4';

/** Heddle's own version; the packages all carry the same. */
export const HEDDLE_VERSION = '0.1.0';
/** Carries `HEDDLE_VERSION` on every answer. */
export const HEDDLE_VERSION_HEADER = 'heddle-version';
