/** submit → terminal status, durable at every step, through the whole job manager. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContainmentUnavailableError, JobManager, type JobManagerOptions } from 'heddle/jobs';
import { AT_ONCE, concurrently, ENTRYPOINT } from './concurrently.ts';
import { measure, perSecond } from './measure.ts';
import { runArmProgram } from './program.ts';

/** A daemon runs for weeks. Its code is compiled after about so many jobs; before, each costs it two to three times as much. */
const WARM_UP_JOBS = 1000;

await runArmProgram(async (plan, settings) => {
  const containment = settings.containment as JobManagerOptions['containment'];
  const directory = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
  try {
    return perSecond(await measureJobs());
  } catch (error) {
    if (!(error instanceof ContainmentUnavailableError)) throw error;
    return { value: 0, unavailable: 'no control group can be made here' };
  } finally {
    await rm(directory, { recursive: true });
  }

  async function measureJobs() {
    await using jobs = await JobManager.open({ directory, containment });
    const run = async () => {
      const id = await jobs.submitJob({ entrypoint: ENTRYPOINT });
      for await (const _text of jobs.tailJobLogs(id)); // Ends when the terminal status is visible.
      const info = await jobs.getJobInfo(id);
      if (info.status !== 'SUCCEEDED')
        throw new Error(`Cannot trust this arm: job "${id}" is ${info.status}: ${info.message}`);
    };
    await concurrently(plan.isQuick ? 200 : WARM_UP_JOBS, run);
    return await measure(plan, async () => {
      await concurrently(4 * AT_ONCE, run);
      return 4 * AT_ONCE;
    });
  }
});
