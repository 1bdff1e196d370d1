/**
 * What all supervisors of one state directory share in their thread: the jobs table, the launcher, the looks
 * at the processes, and the word to the launcher about what is settled.
 *
 * The manager may be disposed and opened anew while supervisors live. Its tables then go and come back on
 * another port under the same name; whoever asks in between is refused and asks again.
 */

import type { MessagePort } from 'node:worker_threads';
import { threadPort } from '@heddle/actors';
import { type Clock, realClock, silentLogger } from '@heddle/base';
import { connectGcs, type Gcs } from '@heddle/gcs';
import { type PidSpace, readPidSpace } from '@heddle/launcher';
import type { JobRecord } from './job-record.ts';
import { JOBS_TABLE, JobRecords } from './job-records.ts';
import { toMarkPrefix } from './launch-request.ts';
import { LauncherConnection } from './launcher-connection.ts';
import { MarkedProcessScan } from './marked-processes.ts';
import type { PackagePaths } from './package-paths.ts';
import { processAgeMs } from './process-age.ts';
import type { SupervisionEffects } from './supervision-effects.ts';
import { UnpackedPackages } from './unpacked-packages.ts';
import { findWorkspace } from './workspace.ts';

/** How long word of settled jobs is gathered before the launcher is told. */
const SETTLE_GATHER_MS = 50;

export interface ConnectionSettings {
  readonly identity: string;
  readonly launcherDirectory: string;
  readonly launcherIdleMs: number;
  /** The name under which the tables' port is provided to the system thread. */
  readonly portName: string;
  readonly packages: PackagePaths;
}

export class SupervisorConnections {
  readonly clock: Clock = realClock;
  readonly here: PidSpace = readPidSpace();
  readonly launcher: LauncherConnection;
  readonly processes: MarkedProcessScan;
  readonly packages: UnpackedPackages;
  /** What every supervision does to the world. */
  readonly effects: SupervisionEffects;
  readonly #portName: string;
  #port: MessagePort | undefined;
  #gcs: Gcs | undefined;
  #records: JobRecords | undefined;
  #settled: string[] = [];

  constructor(settings: ConnectionSettings) {
    this.#portName = settings.portName;
    this.launcher = new LauncherConnection({
      directory: settings.launcherDirectory,
      idleMs: settings.launcherIdleMs,
      clock: this.clock,
      logger: silentLogger,
    });
    this.packages = new UnpackedPackages(settings.packages);
    this.processes = new MarkedProcessScan(toMarkPrefix(settings.identity), settings.launcherDirectory, this.clock);
    this.effects = {
      here: this.here,
      clock: this.clock,
      records: () => this.records(),
      launcher: () => this.launcher.get(),
      processes: this.processes,
      workspace: (record) => findWorkspace(record, this.packages),
      ageMs: (started) => processAgeMs(started, this.here, this.clock.now()),
      settled: (attemptId) => this.settled(attemptId),
    };
  }

  /** The jobs table over the port that is provided now. Throws when none is. */
  records(): JobRecords {
    const port = threadPort(this.#portName);
    if (this.#records === undefined || port !== this.#port) {
      this.#gcs?.[Symbol.asyncDispose]().then(undefined, () => {}); // Its port may be gone.
      this.#port = port;
      this.#gcs = connectGcs(port);
      this.#records = new JobRecords(this.#gcs.table<JobRecord>(JOBS_TABLE));
    }
    return this.#records;
  }

  /** The launcher may forget these, soon. What it is not told now, the next recovery or sweep tells it. */
  settled(attemptId: string): void {
    this.#settled.push(attemptId);
    if (this.#settled.length === 1) this.clock.after(SETTLE_GATHER_MS, () => this.#tellSettled(), { background: true });
  }

  #tellSettled(): void {
    const attemptIds = this.#settled;
    this.#settled = [];
    this.launcher
      .get()
      .then((launcher) => launcher.settle(attemptIds))
      .catch(() => {});
  }
}

const byIdentity = new Map<string, SupervisorConnections>();

/** The connections of this thread for a directory, made when first asked for. They live as long as the thread. */
export function connectionsOf(settings: ConnectionSettings): SupervisorConnections {
  const known = byIdentity.get(settings.identity);
  if (known !== undefined) return known;
  const made = new SupervisorConnections(settings);
  byIdentity.set(settings.identity, made);
  return made;
}
