/**
 * Closes what whoever started this process left open by mistake, so that it reaches no job. Node marks all its own
 * descriptors close-on-exec; one above 2 that is not so marked was inherited.
 */
import { closeSync, readdirSync, readFileSync } from 'node:fs';

const CLOSE_ON_EXEC = 0o2000000;

export function closeInheritedDescriptors(): void {
  for (const fd of listDescriptors()) {
    try {
      if (fd > 2 && (readFlags(fd) & CLOSE_ON_EXEC) === 0) closeSync(fd);
    } catch {
      // The descriptor by which the folder was listed is closed by now.
    }
  }
}

function listDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number);
  } catch {
    return [];
  }
}

function readFlags(fd: number): number {
  const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
  return flags === undefined ? CLOSE_ON_EXEC : Number.parseInt(flags, 8);
}
