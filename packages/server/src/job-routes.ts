/** Ray's routes about jobs: its paths, its bodies, its answers with not a key more. */
import {
  type JobDeleteAnswer,
  type JobLogsAnswer,
  type JobStopAnswer,
  type JobSubmitResponse,
  parseJobSubmitRequest,
  ROUTES,
  toJobDetails,
  toJobSubmission,
} from '@heddle/api';
import type { Context, Hono } from 'hono';
import type { ServerContext } from './context.ts';
import { asSubmissionError } from './failure.ts';
import type { LogRange } from './job-service.ts';
import { toFrames } from './log-frames.ts';
import { countOf, jsonBody, submissionIdOf } from './request-parts.ts';
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
    return c.json({ logs: await readiness.jobs().getJobLogs(id, logRangeOf(c)) } satisfies JobLogsAnswer);
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

function logRangeOf(c: Context): LogRange {
  const [offset, limit, tail] = [countOf(c, 'offset'), countOf(c, 'limit'), countOf(c, 'tail')];
  return {
    ...(offset !== undefined && { offset }),
    ...(limit !== undefined && { limit }),
    ...(tail !== undefined && { tail }),
  };
}
