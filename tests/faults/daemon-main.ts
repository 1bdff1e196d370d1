/**
 * A daemon for fault tests: a job manager in a process of its own, told what to do over its standard input and
 * answering on its standard output, one JSON object a line. It may be killed at any moment; that is what it is for.
 *
 *   argv: the options of `JobManager.open`, as JSON
 *   in:   {"id":1,"call":"submitJob","args":[…]}    any method of JobManager, or one of `extras`
 *   out:  {"ready":{"launcherPid":…}}   once   |   {"id":1,"value":…}   |   {"id":1,"error":{"name":…,"message":…}}
 */
import { createInterface } from 'node:readline';
import { startRuntime } from '@heddle/actors';
import { JobManager, type JobManagerOptions } from '@heddle/jobs';

const options = JSON.parse(process.argv[2]!) as JobManagerOptions;
const runtime = await startRuntime({ workers: 0 });
let manager = await JobManager.open({ ...options, runtime });

const extras: Readonly<Record<string, (...args: never[]) => unknown>> = {
  listActors: () => runtime.listActors(),
  listWorkers: () => runtime.listWorkers(),
  /** Ends the thread of the supervisors as a crash would. */
  async terminateSystemThread() {
    for (const worker of runtime.listWorkers())
      if (worker.role === 'system') await runtime.terminateWorker(worker.workerId);
  },
  /** The manager alone: disposed, and opened anew over the same runtime. */
  async reopenManager() {
    await manager[Symbol.asyncDispose]();
    manager = await JobManager.open({ ...options, runtime });
  },
  /** Resolves when the job is over. */
  async tailToEnd(submissionId: string) {
    for await (const _ of manager.tailJobLogs(submissionId));
  },
  async end() {
    await manager[Symbol.asyncDispose]();
    await runtime[Symbol.asyncDispose]();
    process.exit(0);
  },
};

const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function answer(line: string): Promise<void> {
  const { id, call, args } = JSON.parse(line) as { id: number; call: string; args: never[] };
  try {
    const method = extras[call] ?? (manager as unknown as Record<string, (...args: never[]) => unknown>)[call]!;
    say({ id, value: (await method.apply(manager, args)) ?? null });
  } catch (error) {
    say({ id, error: { name: (error as Error).name, message: (error as Error).message } });
  }
}

say({ ready: { launcherPid: manager.stats().launcher.pid } });
createInterface({ input: process.stdin }).on('line', (line) => void answer(line));
process.stdin.on('end', () => process.exit(0)); // Its test is gone.
