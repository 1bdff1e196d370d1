/**
 * SIGKILL to a process and its descendants where there is no `/proc` to find them in: the last phase of a stop there.
 *
 * `tree-kill` asks `ps` (on macOS `pgrep`) for the children of each, and takes its host down when there is no such
 * program; so that is looked for first. It finds children by their parents only, so it must be asked while they live.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import treeKill from 'tree-kill';

const LISTER = process.platform === 'darwin' ? 'pgrep' : 'ps';
/** Where the system looks for programs when nobody says where. */
const PROGRAM_DIRECTORIES = ['/usr/bin', '/bin'];

/** Whether processes can be found in `/proc`. */
export const hasProc = (): boolean => existsSync('/proc/self/stat');

/** False when nothing could be done: the program that lists processes is missing. Never rejects. */
export function killTree(pid: number, programDirectories: readonly string[] = PROGRAM_DIRECTORIES): Promise<boolean> {
  if (!programDirectories.some((directory) => existsSync(join(directory, LISTER)))) return Promise.resolve(false);
  return new Promise((resolve) => treeKill(pid, 'SIGKILL', (error) => resolve(error === undefined || error === null)));
}
