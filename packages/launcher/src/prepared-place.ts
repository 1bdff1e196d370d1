/**
 * What of a launch can be made before its claim is durable, while the disk is waited for: the log's file, still empty, and
 * the control group, still without a process.
 *
 * Nothing depends on either: whoever finds an empty log or group of an attempt that never was claimed takes the first for
 * no log and removes the second. What cannot be made now is tried again when it is needed, and then says why.
 */
import { closeSync } from 'node:fs';
import type { LaunchRequest } from './attempt.ts';
import type { ControlGroups } from './control-groups.ts';
import { openLog } from './job-log.ts';
import { nextTurn } from './turn.ts';

export class PreparedPlace {
  readonly #request: LaunchRequest;
  readonly #groups: ControlGroups;
  #logFd: number | undefined;

  /** In the turn after this one: the journal's write, which is on its way, goes first. Never rejects. */
  static async make(request: LaunchRequest, groups: ControlGroups): Promise<PreparedPlace> {
    await nextTurn();
    const place = new PreparedPlace(request, groups);
    try {
      groups.makeAhead(request);
      place.#logFd = openLog(request.logFile);
    } catch {
      // The launch finds out.
    }
    return place;
  }

  private constructor(request: LaunchRequest, groups: ControlGroups) {
    this.#request = request;
    this.#groups = groups;
  }

  /** Open, and the caller's to close; undefined when there is none. */
  takeLog(): number | undefined {
    const fd = this.#logFd;
    this.#logFd = undefined;
    return fd;
  }

  /** There is no claim, so there will be no process. */
  discard(): void {
    const fd = this.takeLog();
    if (fd !== undefined) closeSync(fd);
    this.#groups.removeAhead(this.#request);
  }
}
