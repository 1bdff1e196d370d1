/** submit → terminal status, durable at every step, through the whole job manager. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobManager } from 'heddle/jobs';
import { measure, sizeFromCommandLine } from '../arm.ts';
import { concurrently, ENTRYPOINT } from './workload.ts';

const directory = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
{
  await using jobs = await JobManager.open({ directory });
  await measure(sizeFromCommandLine(), (count) =>
    concurrently(count, async () => {
      const id = await jobs.submitJob({ entrypoint: ENTRYPOINT });
      for await (const _text of jobs.tailJobLogs(id)); // Ends when the terminal status is visible.
      const info = await jobs.getJobInfo(id);
      if (info.status !== 'SUCCEEDED')
        throw new Error(`Cannot trust this arm: job "${id}" is ${info.status}: ${info.message}`);
    }),
  );
}
await rm(directory, { recursive: true });
