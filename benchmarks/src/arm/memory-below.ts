/**
 * The memory of all processes below one, and of launchers of benchmarks, which leave their parents; what processes share is
 * counted in parts. In MiB.
 */
import { readdir, readFile } from 'node:fs/promises';

export interface MemoryBelow {
  readonly all: number;
  /** Of those that run `sleep`, and of shells that wait for it. */
  readonly sleepers: number;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
}

export async function memoryBelow(root: number): Promise<MemoryBelow> {
  const processes = await listProcesses();
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const launchers = new Set(
    processes.filter((each) => each.commandLine.includes('heddle-bench-')).map(({ pid }) => pid),
  );
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === root || launchers.has(pid) || isBelow(parents.get(pid)));
  let all = 0;
  let sleepers = 0;
  for (const { pid, commandLine } of processes) {
    if (pid === root || !isBelow(pid)) continue;
    const bytes = await shareOf(pid);
    all += bytes;
    if (commandLine.includes('sleep 600')) sleepers += bytes;
  }
  return { all: all / 1024, sleepers: sleepers / 1024 };
}

async function listProcesses(): Promise<Process[]> {
  const found: Process[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) continue;
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const commandLine = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).split('\0').join(' ');
    found.push({ pid: Number(entry), parent, commandLine });
  }
  return found;
}

async function shareOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
}
