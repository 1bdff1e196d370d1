/**
 * The main job, end to end, on real input: `npm run demo`.
 *
 * Starts a daemon in a temporary directory, submits jobs from `examples/jobs`, follows a log, stops a job,
 * terminates the system thread and then kills the whole daemon while jobs run, starts it again, and checks at
 * each step that nothing was lost. Ends with exit code 0 only if every check held.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { type JobInfo, JobSubmissionClient } from 'heddle/client';
import { Board, type Row } from './board.ts';
import { Daemon } from './daemon.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const OUT = process.stdout;
const STEP_LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 100;

/** What a job is to come to. */
interface Expected {
  readonly name: string;
  readonly entrypoint: string;
  readonly status: JobInfo['status'];
  readonly code: number | null;
  /** A line that its log must hold. */
  readonly says: string;
}

const JOBS: readonly Expected[] = [
  {
    name: 'pipeline',
    entrypoint: 'cat packages/*/src/*.ts | tr -cs A-Za-z "\\n" | sort | uniq -c | sort -rn | head -3; echo done',
    status: 'SUCCEEDED',
    code: 0,
    says: 'done',
  },
  {
    name: 'actors',
    entrypoint: `"${process.execPath}" examples/jobs/count-words.ts packages/base/src packages/actors/src`,
    status: 'SUCCEEDED',
    code: 0,
    says: '2 actors on 2 threads',
  },
  { name: 'failing', entrypoint: 'echo giving up; exit 3', status: 'FAILED', code: 3, says: 'giving up' },
  { name: 'patient', entrypoint: 'examples/jobs/patient.sh', status: 'STOPPED', code: null, says: 'clean' },
  { name: 'noisy', entrypoint: 'examples/jobs/noisy.sh 20000', status: 'SUCCEEDED', code: 0, says: 'noise 20000 ' },
  { name: 'steady', entrypoint: 'examples/jobs/steady.sh 80', status: 'SUCCEEDED', code: 0, says: 'line 80' },
  { name: 'steady-7', entrypoint: 'examples/jobs/steady.sh 60 7', status: 'FAILED', code: 7, says: 'line 60' },
];

const board = new Board(OUT);
const ids = new Map<string, string>();
let failures = 0;

const directory = await mkdtemp(join(tmpdir(), 'heddle-demo-'));
let daemon = await Daemon.start(directory);
const identity = (await readFile(join(directory, 'identity'), 'utf8')).trim();
process.once('SIGINT', () => void cleanUp().then(() => process.exit(130)));
process.once('SIGTERM', () => void cleanUp().then(() => process.exit(143)));
OUT.on('error', () => void cleanUp().then(() => process.exit(1))); // Whoever read along has gone: `npm run demo | head`.
try {
  await play();
} catch (error) {
  check(false, error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await cleanUp();
}
board.say(
  failures === 0
    ? styleText('green', 'Every check held.', { stream: OUT })
    : styleText('red', `${failures} checks failed.`, { stream: OUT }),
);
process.exitCode = failures === 0 ? 0 : 1;

async function play(): Promise<void> {
  let client = new JobSubmissionClient(daemon.url);
  board.say(`A daemon runs at ${daemon.url} (process ${daemon.pid}).`);
  for (const job of JOBS) {
    ids.set(
      job.name,
      await client.submitJob({
        entrypoint: job.entrypoint,
        submissionId: `demo-${job.name}`,
        workingDirectory: REPOSITORY,
      }),
    );
  }
  board.say(`${JOBS.length} jobs were submitted. The log of "pipeline", as it comes:`);
  for await (const text of client.tailJobLogs('demo-pipeline')) board.say(indent(text));

  await until(client, 'every job runs or has ended', (jobs) => jobs.every((job) => job.status !== 'PENDING'));
  await stopPatient(client);
  await loseSystemThread(client);
  client = await loseDaemon(client);

  const last = await until(client, 'every job has ended', (jobs) => jobs.every((job) => isOver(job)));
  board.finish(rowsOf(last));
  await judge(client, last);
  check((await daemon.stop()) === 0, 'the daemon ends in order, with code 0');
  await nothingLeft();
}

async function stopPatient(client: JobSubmissionClient): Promise<void> {
  check(await client.stopJob('demo-patient'), '"patient" is asked to stop');
  const jobs = await until(client, '"patient" has stopped', (all) => isOver(find(all, 'patient')));
  check(find(jobs, 'patient').status === 'STOPPED', '"patient" cleaned up and is STOPPED');
}

async function loseSystemThread(client: JobSubmissionClient): Promise<void> {
  const system = (await client.listWorkers()).find((worker) => worker.role === 'system');
  if (system === undefined) throw new Error('Cannot find the system thread among the workers');
  board.say(`The thread of all supervisors, ${system.workerId}, is terminated.`);
  await client.terminateWorker(system.workerId);
  await until(client, 'the supervisors are back', (jobs) =>
    jobs.filter((job) => job.status === 'RUNNING').every((job) => job.supervisorRestarts > 0),
  );
  check(true, 'the supervisors came back in a new thread and hold their jobs again');
}

async function loseDaemon(client: JobSubmissionClient): Promise<JobSubmissionClient> {
  const before = find(await client.listJobs(), 'steady');
  board.say(`The daemon, process ${daemon.pid}, and its whole process group are killed with SIGKILL.`);
  await daemon.killGroup();
  check(isAlive(before.driverPid), `without a daemon the job "steady" runs on (process ${before.driverPid})`);
  daemon = await Daemon.start(directory);
  board.say(`A new daemon runs at ${daemon.url} (process ${daemon.pid}).`);
  const next = new JobSubmissionClient(daemon.url);
  const after = find(await next.listJobs(), 'steady');
  check(
    after.status === 'RUNNING' && after.driverPid === before.driverPid,
    'it has adopted "steady": the same process, still RUNNING',
  );
  return next;
}

async function judge(client: JobSubmissionClient, jobs: readonly JobInfo[]): Promise<void> {
  for (const expected of JOBS) {
    const job = find(jobs, expected.name);
    const isAsExpected = job.status === expected.status && (expected.code === null || job.exitCode === expected.code);
    check(
      isAsExpected,
      `"${expected.name}" is ${expected.status}${expected.code === null ? '' : ` with code ${expected.code}`}`,
      `${job.status}, code ${job.exitCode}, ${job.message}`,
    );
    const log = await client.getJobLogs(job.submissionId);
    check(log.includes(expected.says), `its log holds "${expected.says.trim()}"`, log.slice(-300));
  }
  check(
    linesInOrder(await client.getJobLogs('demo-steady'), 'line', 80),
    'the log of "steady" has all 80 lines, in order, once',
  );
}

/** Processes that carry one of the demo's jobs in their environment, the launcher, and the daemon: none may stay. */
async function nothingLeft(): Promise<void> {
  const end = performance.now() + STEP_LIMIT_MS;
  let left = await demoProcesses();
  while (left.length > 0 && performance.now() < end) {
    await delay(LOOK_EVERY_MS);
    left = await demoProcesses();
  }
  check(left.length === 0, 'no process is left: no daemon (with its threads), no launcher, no job', left.join(', '));
}

async function demoProcesses(): Promise<string[]> {
  const left: string[] = [];
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    const about = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    );
    if (about[0]!.includes(directory) || about[1]!.includes(`HEDDLE_JOB_MARK=${identity}:`))
      left.push(`${pid} ${about[0]!.replaceAll('\0', ' ').trim()}`);
  }
  return left;
}

/** Shows the jobs until `isDone`. */
async function until(
  client: JobSubmissionClient,
  what: string,
  isDone: (jobs: JobInfo[]) => boolean,
): Promise<JobInfo[]> {
  const end = performance.now() + STEP_LIMIT_MS;
  for (;;) {
    const jobs = await client.listJobs();
    board.show(rowsOf(jobs));
    if (isDone(jobs)) return jobs;
    if (performance.now() > end) throw new Error(`Cannot go on: within ${STEP_LIMIT_MS} ms it was not so that ${what}`);
    await delay(LOOK_EVERY_MS);
  }
}

function check(holds: boolean, what: string, instead = ''): void {
  if (!holds) failures++;
  const mark = holds ? styleText('green', '✓', { stream: OUT }) : styleText('red', '✗', { stream: OUT });
  board.say(`${mark} ${what}${holds || instead === '' ? '' : `\n    instead: ${instead}`}`);
}

function find(jobs: readonly JobInfo[], name: string): JobInfo {
  const job = jobs.find((each) => each.submissionId === ids.get(name));
  if (job === undefined) throw new Error(`Cannot find job "${name}" among ${jobs.length} jobs`);
  return job;
}

function rowsOf(jobs: readonly JobInfo[]): Row[] {
  return JOBS.flatMap((expected) =>
    jobs.filter((job) => job.submissionId === ids.get(expected.name)).map((job) => rowOf(expected.name, job)),
  );
}

function rowOf(name: string, job: JobInfo): Row {
  const endMs = job.endTime ?? Date.now();
  return {
    name,
    id: job.submissionId,
    status: job.status,
    exit: job.signal ?? (job.exitCode === null ? '' : String(job.exitCode)),
    duration: job.startTime === null ? '' : `${((endMs - job.startTime) / 1000).toFixed(1)} s`,
    restarts: job.supervisorRestarts,
    logBytes: job.logBytes,
  };
}

function isOver(job: JobInfo): boolean {
  return job.status === 'SUCCEEDED' || job.status === 'FAILED' || job.status === 'STOPPED';
}

function isAlive(pid: number | null): boolean {
  try {
    return pid !== null && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function linesInOrder(log: string, word: string, count: number): boolean {
  const lines = log.split('\n').filter((line) => line.startsWith(`${word} `));
  return lines.length === count && lines.every((line, index) => line === `${word} ${index + 1}`);
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '    ');
}

async function cleanUp(): Promise<void> {
  await daemon.abandon();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
