/** The errors of the job manager. Each says what could not be done, to which job, and why. */

import type { JobStatus } from '@heddle/api';
import { HeddleError, registerErrorClass } from '@heddle/base';

/** No job has this id: it never existed, or it was deleted. */
export class JobNotFoundError extends HeddleError {
  override readonly name = 'JobNotFoundError';
  override readonly code = 'JOB_NOT_FOUND';
  override readonly details: { readonly submissionId: string };

  constructor(action: string, submissionId: string) {
    super(`Cannot ${action} "${submissionId}": no job has this id`);
    this.details = { submissionId };
  }
}

/** The id is taken. Nothing was submitted. */
export class JobAlreadyExistsError extends HeddleError {
  override readonly name = 'JobAlreadyExistsError';
  override readonly code = 'JOB_ALREADY_EXISTS';
  override readonly details: { readonly submissionId: string };

  constructor(submissionId: string) {
    super(`Cannot submit job "${submissionId}": a job with this submission id already exists`);
    this.details = { submissionId };
  }
}

/** As many jobs wait as may. Nothing was submitted. */
export class JobQueueFullError extends HeddleError {
  override readonly name = 'JobQueueFullError';
  override readonly code = 'JOB_QUEUE_FULL';
  override readonly retryable = true;
  override readonly details: { readonly maxPendingJobs: number };

  constructor(maxPendingJobs: number) {
    super(`Cannot submit a job: ${maxPendingJobs} jobs wait already, the limit of this daemon; submit it again later`);
    this.details = { maxPendingJobs };
  }
}

/** Only a job that is over can be deleted. */
export class JobNotTerminalError extends HeddleError {
  override readonly name = 'JobNotTerminalError';
  override readonly code = 'JOB_NOT_TERMINAL';
  override readonly details: { readonly submissionId: string; readonly status: JobStatus };

  constructor(submissionId: string, status: JobStatus) {
    super(`Cannot delete job "${submissionId}": it is in the non-terminal state ${status}`);
    this.details = { submissionId, status };
  }
}

/** More log than one answer holds: read a range, or the last lines, or follow it. */
export class JobLogTooLargeError extends HeddleError {
  override readonly name = 'JobLogTooLargeError';
  override readonly code = 'JOB_LOG_TOO_LARGE';
  override readonly details: { readonly bytes: number; readonly bytesMax: number };

  constructor(bytes: number, bytesMax: number) {
    super(`Cannot read ${bytes} bytes of a log at once: the limit is ${bytesMax}; give an offset and a limit, or tail`);
    this.details = { bytes, bytesMax };
  }
}

/** An uploaded package is longer than allowed. Nothing of it is left. */
export class PackageTooLargeError extends HeddleError {
  override readonly name = 'PackageTooLargeError';
  override readonly code = 'PACKAGE_TOO_LARGE';
  override readonly details: { readonly bytesMax: number };

  constructor(bytesMax: number) {
    super(`Cannot take a package of more than ${bytesMax} bytes: leave out of it what the job does not need`);
    this.details = { bytesMax };
  }
}

/** The packages that are stored take as much room as they may. Nothing of this one is left. */
export class PackagesFullError extends HeddleError {
  override readonly name = 'PackagesFullError';
  override readonly code = 'PACKAGES_FULL';
  override readonly retryable = true;
  override readonly details: { readonly bytesMax: number };

  constructor(bytesMax: number) {
    super(
      `Cannot take a package: those that are stored have ${bytesMax} bytes, the limit of this daemon; what no job needs goes by itself, so try again later`,
    );
    this.details = { bytesMax };
  }
}

/** The state directory cannot be used by this user or by this version. Nothing in it was changed. */
export class StateDirectoryError extends HeddleError {
  override readonly name = 'StateDirectoryError';
  override readonly code = 'STATE_DIRECTORY';
  override readonly details: { readonly directory: string };

  constructor(directory: string, fact: string, options?: ErrorOptions) {
    super(`Cannot use state directory "${directory}": ${fact}`, options);
    this.details = { directory };
  }
}

/** Control groups were asked for and cannot be made here. Nothing was changed, and jobs that run go on. */
export class ContainmentUnavailableError extends HeddleError {
  override readonly name = 'ContainmentUnavailableError';
  override readonly code = 'CONTAINMENT_UNAVAILABLE';
  override readonly details: { readonly directory: string };

  constructor(directory: string, reason: string) {
    super(
      `Cannot open state directory "${directory}" with containment "cgroup": ${reason}; ` +
        'start the daemon as root or in a delegated group (systemd: Delegate=yes), or let containment be "auto"',
    );
    this.details = { directory };
  }
}

/** Another daemon works on this directory. */
export class DirectoryInUseError extends HeddleError {
  override readonly name = 'DirectoryInUseError';
  override readonly code = 'DIRECTORY_IN_USE';
  override readonly details: { readonly directory: string; readonly holderPid: number | undefined };

  constructor(directory: string, holderPid: number | undefined, options?: ErrorOptions) {
    const holder = holderPid === undefined ? 'another daemon' : `the daemon with pid ${holderPid}`;
    super(`Cannot open state directory "${directory}": ${holder} is using it`, options);
    this.details = { directory, holderPid };
  }
}

/** The job manager has been disposed. The jobs run on; open it again to see them. */
export class JobManagerClosedError extends HeddleError {
  override readonly name = 'JobManagerClosedError';
  override readonly code = 'JOB_MANAGER_CLOSED';
  override readonly retryable = true;

  constructor(action: string) {
    super(`Cannot ${action}: the job manager is closed`);
  }
}

for (const errorClass of [
  JobNotFoundError,
  JobAlreadyExistsError,
  JobQueueFullError,
  JobNotTerminalError,
  JobLogTooLargeError,
  PackageTooLargeError,
  PackagesFullError,
  StateDirectoryError,
  ContainmentUnavailableError,
  DirectoryInUseError,
  JobManagerClosedError,
])
  registerErrorClass(errorClass);
