/** Ray's routes about jobs: its paths, its bodies, its answers with not a key more. */
import {
  type JobDeleteAnswer,
  type JobStopAnswer,
  type JobSubmitResponse,
  parseJobSubmitRequest,
  ROUTES,
  toJobDetails,
  toJobSubmission,
} from '@heddle/api';
import type { Hono } from 'hono';
import type { ServerContext } from './context.ts';
import { asSubmissionError } from './failure.ts';
import { toFrames } from './log-frames.ts';
import { toLogsAnswerStream } from './log-stream.ts';
import { jsonBody, logRangeOf, submissionIdOf } from './request-parts.ts';
import { tailRoute } from './tail-route.ts';

export function addJobRoutes(app: Hono, { readiness, tails }: ServerContext): void {
  app.post(ROUTES.submitJob.path, async (c) => {
    const jobs = readiness.jobsForSubmission();
    const submission = toJobSubmission(parseJobSubmitRequest(await jsonBody(c)));
    const id = await jobs.submitJob(submission).catch((error: unknown) => {
      throw asSubmissionError(error);
    });
    return c.json({ job_id: id, submission_id: id } satisfies JobSubmitResponse);
  });

  app.get(ROUTES.listJobs.path, async (c) => c.json((await readiness.jobs().listJobs()).map(toJobDetails)));

  app.get(ROUTES.getJob.path, async (c) => {
    const id = submissionIdOf(c);
    return c.json(toJobDetails(await readiness.jobs().getJobInfo(id)));
  });

  app.post(ROUTES.stopJob.path, async (c) => {
    const id = submissionIdOf(c);
    return c.json({ stopped: await readiness.jobs().stopJob(id) } satisfies JobStopAnswer);
  });

  app.delete(ROUTES.deleteJob.path, async (c) => {
    const id = submissionIdOf(c);
    await readiness.jobs().deleteJob(id);
    return c.json({ deleted: true } satisfies JobDeleteAnswer);
  });

  app.get(ROUTES.getJobLogs.path, async (c) => {
    const id = submissionIdOf(c);
    const log = await readiness.jobs().streamJobLog(id, logRangeOf(c));
    return c.body(toLogsAnswerStream(log), 200, { 'content-type': 'application/json' });
  });

  app.get(
    ROUTES.tailJobLogs.path,
    tailRoute(
      readiness,
      tails,
      () => 0,
      ({ text }) => toFrames(text),
    ),
  );
}
