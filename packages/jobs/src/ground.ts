/**
 * What a manager stands on: its directory, the tables and packages in it, and a runtime whose system thread reaches the
 * tables. All of it is there before anything is known of a job.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { type Runtime, startRuntime } from '@heddle/actors';
import type { Scope } from '@heddle/base';
import { type Gcs, openGcs } from '@heddle/gcs';
import { readPidSpace } from '@heddle/launcher';
import { StateDirectoryError } from './errors.ts';
import type { ResolvedJobManagerOptions } from './options.ts';
import { packagePathsOf } from './package-paths.ts';
import { PackageStore } from './package-store.ts';
import { StateDirectory } from './state-directory.ts';

export interface Ground {
  readonly options: ResolvedJobManagerOptions;
  readonly state: StateDirectory;
  readonly packages: PackageStore;
  readonly gcs: Gcs;
  readonly runtime: Runtime;
  /** The name under which the tables' port is provided to the system thread. */
  readonly portName: string;
}

/** What must be closed is the scope's. A runtime that the options give stays the caller's. */
export async function openGround(options: ResolvedJobManagerOptions, scope: Scope): Promise<Ground> {
  const { clock, ids } = options;
  const state = scope.own(StateDirectory.open(options.directory, ids));
  const packages = await openPackages(state.paths.directory, options);
  const gcs = scope.own(await openGcs({ storage: 'sqlite', file: state.paths.database }));
  const runtime = options.runtime ?? scope.own(await startRuntime({ workers: 0 }, { clock, ids }));
  const portName = `gcs:${state.identity}`;
  let isOpen = true;
  scope.defer(() => {
    isOpen = false;
  });
  await runtime.provideToSystemThread(portName, () => (isOpen ? gcs.connect() : closedPort()));
  return { options, state, packages, gcs, runtime, portName };
}

async function openPackages(directory: string, options: ResolvedJobManagerOptions): Promise<PackageStore> {
  const { clock, ids, packageBytesMax: bytesMax } = options;
  const paths = packagePathsOf(directory, readPidSpace().bootId);
  return PackageStore.open({ paths, clock, ids, bytesMax }).catch((error: Error) => {
    throw new StateDirectoryError(directory, error.message, { cause: error });
  });
}

/** For a system thread that starts after its manager was disposed: tables that are gone. */
function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  return port2;
}
