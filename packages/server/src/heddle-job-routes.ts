/** Heddle's own routes about jobs: the whole of a submission and of a record, logs as bytes and by offset. */
import { type JobSubmissionAnswer, parseJobSubmission, ROUTES } from '@heddle/api';
import type { Hono } from 'hono';
import type { ServerContext } from './context.ts';
import { asSubmissionError } from './failure.ts';
import { toByteStream } from './log-stream.ts';
import { countOf, jsonBody, logRangeOf, submissionIdOf } from './request-parts.ts';
import { tailRoute } from './tail-route.ts';

export function addHeddleJobRoutes(app: Hono, { readiness, tails }: ServerContext): void {
  app.post(ROUTES.heddleSubmitJob.path, async (c) => {
    const jobs = readiness.jobsForSubmission();
    const submission = parseJobSubmission(await jsonBody(c));
    const submissionId = await jobs.submitJob(submission).catch((error: unknown) => {
      throw asSubmissionError(error);
    });
    return c.json({ submissionId } satisfies JobSubmissionAnswer);
  });
  app.get(ROUTES.heddleListJobs.path, async (c) => c.json(await readiness.jobs().listJobs()));
  app.get(ROUTES.heddleGetJob.path, async (c) => {
    const id = submissionIdOf(c);
    return c.json(await readiness.jobs().getJobInfo(id));
  });
  app.get(ROUTES.heddleJobLog.path, async (c) => {
    const id = submissionIdOf(c);
    const log = await readiness.jobs().streamJobLog(id, logRangeOf(c));
    return c.body(toByteStream(log), 200, { 'content-type': 'text/plain; charset=utf-8' });
  });
  app.get(
    ROUTES.heddleTailJobLogs.path,
    tailRoute(
      readiness,
      tails,
      (c) => countOf(c, 'offset') ?? 0,
      (chunk) => [JSON.stringify(chunk)],
    ),
  );
}
