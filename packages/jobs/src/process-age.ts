/**
 * How long a process has run. By the kernel's count of time since the boot, so that a wall clock that is set, or
 * jumps, ends no job; by the wall clock where there is no such count.
 */
import { uptime } from 'node:os';
import type { PidSpace, Started } from '@heddle/launcher';

/** `/proc/<pid>/stat` counts in hundredths of a second, on every Linux. */
const TICKS_PER_MS = 0.1;

export function processAgeMs(started: Started, here: PidSpace, wallMs: number): number {
  const ticks = Number(started.startTime);
  const sinceBootMs = started.startTime === '' || started.bootId !== here.bootId ? Number.NaN : ticks / TICKS_PER_MS;
  const ageMs = uptime() * 1000 - sinceBootMs;
  // Negative where a container is shown an uptime of its own.
  return ageMs >= 0 ? ageMs : Math.max(0, wallMs - started.startedAtMs);
}
