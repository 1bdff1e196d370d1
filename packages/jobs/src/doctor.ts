/** What a machine can do for jobs: looks, and judges what it has found. */
import { resolve } from 'node:path';
import { type Clock, realClock } from '@heddle/base';
import { findFacts } from './doctor-facts.ts';
import { type Finding, judgeMachine, toUnit } from './doctor-judge.ts';

export interface MachineReport {
  /** The state directory that was looked at, absolute. */
  readonly directory: string;
  readonly findings: readonly Finding[];
  /** A systemd unit for a daemon on this directory. */
  readonly unit: string;
}

/** Looks whether jobs can run here, and with which limits. `directory` need not be there, and is not made. */
export async function examineMachine(directory: string, clock: Clock = realClock): Promise<MachineReport> {
  const path = resolve(directory);
  return { directory: path, findings: judgeMachine(await findFacts(path, clock)), unit: toUnit(path) };
}
