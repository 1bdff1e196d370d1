/** Runs one arm in a fresh process, in the surroundings it asks for, and reads what it found. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Scratch } from './scratch.ts';
import type { Arm, Figures, Plan } from './workload.ts';

/** An arm that does not end by itself is ended after this, in milliseconds, beyond what its plan asks for. */
const PATIENCE_MS = 120_000;
const BUSY_PROCESSES = 2;
const BUSY_MS_MAX = 60_000;

export async function runArm(arm: Arm, plan: Plan, scratch: Scratch): Promise<Figures> {
  const busy = arm.surroundings === 'busy' ? Array.from({ length: BUSY_PROCESSES }, startBusy) : [];
  for (const child of busy) scratch.own(child);
  try {
    return await run(arm, plan, scratch);
  } finally {
    for (const child of busy) child.kill('SIGKILL');
  }
}

/** Runs a program of `ray/` by that Python, as an arm. */
export async function runPython(python: string, program: string, plan: Plan, scratch: Scratch): Promise<Figures> {
  const path = fileURLToPath(new URL(`../ray/${program}`, import.meta.url));
  return await execute(`ray/${program}`, [python, path, JSON.stringify(plan)], 10 * PATIENCE_MS, scratch);
}

async function run(arm: Arm, plan: Plan, scratch: Scratch): Promise<Figures> {
  const program = fileURLToPath(new URL(`arm/${arm.program}`, import.meta.url));
  const node = [
    process.execPath,
    '--disable-warning=DEP0187',
    ...(arm.nodeFlags ?? []),
    program,
    JSON.stringify({ plan, settings: arm.settings ?? {} }),
  ];
  const command = arm.surroundings === 'one core' ? ['taskset', '-c', oneCore(), ...node] : node;
  return await execute(arm.name, command, PATIENCE_MS + 10 * plan.measureMs, scratch);
}

async function execute(
  name: string,
  [command, ...args]: readonly string[],
  patienceMs: number,
  scratch: Scratch,
): Promise<Figures> {
  const env = { ...process.env, TMPDIR: scratch.directory };
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  scratch.own(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const exited = once(child, 'close') as Promise<[number | null, string | null]>;
  const failed = once(child, 'error').then(([error]) => error as NodeJS.ErrnoException);
  const outputs = Promise.all([text(child.stdout), text(child.stderr), exited]);
  const result = await Promise.race([outputs, failed]);
  clearTimeout(timer);
  if (!Array.isArray(result)) {
    outputs.catch(() => {});
    return { value: 0, unavailable: `not available on this machine: ${result.message}` };
  }
  failed.catch(() => {});
  const [stdout, stderr, [code, signal]] = result;
  if (code !== 0)
    throw new Error(
      `Cannot measure "${name}": its process ended with ${signal ?? `code ${code}`}: ${stderr.trim().slice(-2000)}`,
    );
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Figures;
}

const oneCore = (): string => String(availableParallelism() - 1);

/** It ends by itself if the runner is killed before it can end it. */
function startBusy(): ChildProcess {
  const spin = `const end = performance.now() + ${BUSY_MS_MAX}; while (performance.now() < end);`;
  return spawn(process.execPath, ['-e', spin], { stdio: 'ignore' });
}
