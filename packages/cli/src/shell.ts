/**
 * What a command knows of the world: where it prints, its environment, its directory, the time, signals.
 * Made once, by `main`; everything below is handed it.
 */
import type { Clock } from '@heddle/base';
import type { Terminal } from './terminal.ts';

export interface Shell {
  readonly out: Terminal;
  readonly err: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the command was called. */
  readonly directory: string;
  readonly clock: Clock;
  /** Calls `listener` for SIGINT and SIGTERM, instead of ending at once, until disposed. */
  onSignal(listener: (signal: StopSignal) => void): Disposable;
  /** Ends the process now. */
  exit(code: number): never;
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What a shell says of a process that a signal ended. */
export const exitCodeOf = (signal: StopSignal): number => (signal === 'SIGINT' ? 130 : 143);
