/** Follows a job to its end, for the commands that wait. Ctrl-C leaves the job alone, and says so. */
import type { JobInfo } from '@heddle/api';
import type { JobSubmissionClient, TailQuery } from '@heddle/client';
import { exitCodeOf, type Shell, type StopSignal } from './shell.ts';
import type { Terminal } from './terminal.ts';

/** Prints the log to `out`, if there is one, from `offset` on; resolves when the job is over. */
export async function followJob(
  shell: Shell,
  client: JobSubmissionClient,
  id: string,
  out: Terminal | undefined,
  offset = 0,
): Promise<JobInfo> {
  const leaving = new AbortController();
  using _signals = shell.onSignal((signal) => leaving.abort(signal));
  try {
    if (out !== undefined) await printLog(client, id, out, { offset, signal: leaving.signal });
    return await client.waitForJob(id, { signal: leaving.signal });
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
    await shell.err.line(
      `Job "${id}" goes on; follow it with "heddle job logs -f ${id}", stop it with "heddle job stop ${id}"`,
    );
    return shell.exit(exitCodeOf(leaving.signal.reason as StopSignal));
  }
}

/** Ends on a line of its own, whatever the job wrote last. */
async function printLog(client: JobSubmissionClient, id: string, out: Terminal, range: TailQuery): Promise<void> {
  let last = '\n';
  for await (const text of client.tailJobLogs(id, range)) {
    await out.write(text);
    last = text.at(-1) ?? last;
  }
  if (last !== '\n') await out.line();
}
