/**
 * The supervisor of one job: a named detached actor in the system thread, one per job, that exits when the job
 * is over. Ray: `JobSupervisor`.
 *
 * It begins its work by itself when it is made, so that an incarnation in a new thread takes the job up again; only
 * the first one of a new job waits to be handed the record. A daemon may have thousands that wait for the ends of their
 * jobs: what one holds meanwhile is counted in bytes. What it does is `Supervision`'s; this class gives it the
 * thread's connections and answers calls.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { exitActor, getRuntimeContext, remote } from '@heddle/actors';
import type { JobEntry } from './job-records.ts';
import type { LaunchSettings } from './launch-request.ts';
import { Supervision, type SupervisionHealth } from './supervision.ts';
import { type ConnectionSettings, connectionsOf } from './supervisor-connections.ts';

/** The namespace of all supervisors; Ray's. */
export const SUPERVISOR_NAMESPACE = 'SUPERVISOR_ACTOR_NAMESPACE';

const NAME_PREFIX = '_heddle_internal_job_actor_';

export const toSupervisorName = (submissionId: string): string => NAME_PREFIX + submissionId;

/** The job whose supervisor has this name, or undefined for a name that is no supervisor's. */
export const fromSupervisorName = (name: string): string | undefined =>
  name.startsWith(NAME_PREFIX) ? name.slice(NAME_PREFIX.length) : undefined;

/** What is the same for all supervisors of a manager. */
export interface SupervisorSettings {
  readonly launch: LaunchSettings;
  readonly connections: ConnectionSettings;
}

export interface SupervisorArguments {
  readonly submissionId: string;
  readonly attemptId: string;
  /** The first incarnation waits for `begin`. */
  readonly isNew: boolean;
  /** `SupervisorSettings` as JSON: one string for all, which is kept once and parsed once. */
  readonly settings: string;
}

/** Runs something in the context in which this file was loaded, one for all: what waits in there holds no actor's own. */
const inSharedContext = AsyncLocalStorage.snapshot();

let parsed: { readonly text: string; readonly settings: SupervisorSettings } | undefined;

function toSettings(text: string): SupervisorSettings {
  if (parsed?.text !== text) parsed = { text, settings: JSON.parse(text) as SupervisorSettings };
  return parsed.settings;
}

export class JobSupervisor {
  readonly #supervision: Supervision;
  readonly #over: Promise<void>;

  constructor(job: SupervisorArguments) {
    const { actorId = '', restartCount } = getRuntimeContext();
    const settings = toSettings(job.settings);
    const { submissionId, attemptId } = job;
    const awaitsRecord = job.isNew && restartCount === 0;
    this.#supervision = new Supervision(
      { submissionId, attemptId, actorId, awaitsRecord },
      settings.launch,
      connectionsOf(settings.connections).effects,
    );
    this.#over = inSharedContext(() => this.#supervision.run());
  }

  /**
   * The record of a new job as it was just written, which spares the first incarnation a look at it. No argument of the
   * constructor: those are kept for the next incarnation as long as this one lives.
   */
  begin(fresh: JobEntry): void {
    this.#supervision.begin(fresh);
  }

  /** Answers when the system thread's loop turns. */
  ping(): SupervisionHealth {
    return this.#supervision.health;
  }

  /** Says that it is durable that the job is to end. Answers when the job, if it had not started, never will. */
  async stop(): Promise<void> {
    await this.#supervision.stop();
  }

  /** Answers when the first look at the job has led to something: it runs under this supervisor, or is over, or had to be put off. */
  async untilTakenUp(): Promise<void> {
    await this.#supervision.takenUp;
  }

  /** Waits for the end of the job and exits. It never answers: the call ends with the actor. */
  untilOver(): Promise<void> {
    return this.#over.then(exitActor);
  }
}

/** The class as actors are made of it. */
export const RemoteJobSupervisor = remote(import.meta, JobSupervisor);
