/** How jobs look to people. */

import type { InspectColor } from 'node:util';
import { isTerminal, type JobInfo, type JobStatus, type PastAttempt } from '@heddle/api';
import { quoteWords } from './command-line.ts';
import { toDuration, toTime } from './duration.ts';
import { toSize } from './quantity.ts';
import { type Column, toFields } from './table.ts';
import { printable, type Terminal } from './terminal.ts';

const COLOURS: Readonly<Record<JobStatus, InspectColor>> = {
  PENDING: 'dim',
  RUNNING: 'cyan',
  STOPPED: 'yellow',
  SUCCEEDED: 'green',
  FAILED: 'red',
};

export const jobColumns = (out: Terminal, nowMs: number): Column<JobInfo>[] => [
  { title: 'ID', value: (job) => job.submissionId },
  { title: 'STATUS', value: (job) => out.style(COLOURS[job.status], job.status) },
  { title: 'EXIT', value: exitOf },
  { title: 'SUBMITTED', value: (job) => toTime(job.submittedAtMs) },
  { title: 'DURATION', value: (job) => durationOf(job, nowMs) },
  { title: 'ENTRYPOINT', value: (job) => printable(job.entrypoint), isFlexible: true },
];

/** All that is known of a job, one fact a line; what is not known has no line. */
export function jobFields(job: JobInfo, out: Terminal, nowMs: number): string[] {
  const optional = (name: string, value: string | number | null): [string, string][] =>
    value === null || value === '' ? [] : [[name, printable(String(value))]];
  const fields: [string, string][] = [
    ['id', job.submissionId],
    ['status', out.style(COLOURS[job.status], job.status)],
    ['message', job.message.split('\n').map(printable).join('\n')],
    ...optional('error type', job.errorType),
    ...optional('exit', exitOf(job)),
    ['entrypoint', printable(job.entrypoint)],
    ['directory', printable(job.workingDirectory)],
    ['submitted', toTime(job.submittedAtMs)],
    ...optional('started', toTime(job.startTime)),
    ...optional('ended', toTime(job.endTime)),
    ...optional('duration', durationOf(job, nowMs)),
    ...optional('process', job.driverPid),
    ['log', `${job.logBytes} bytes`],
    ...optional('log limit', logLimitOf(job)),
    ...optional('supervisor', job.supervisorActorId),
    ...(job.supervisorRestarts === 0 ? [] : optional('restarts', job.supervisorRestarts)),
    ...(job.attempt === 1 ? [] : optional('attempt', `${job.attempt} of ${job.maxRetries + 1}`)),
    ...job.pastAttempts.map((past): [string, string] => [`attempt ${past.attempt}`, pastOf(past)]),
    ...optional('next attempt', toTime(job.retryTime)),
    ...(job.priority === 0 ? [] : optional('priority', job.priority)),
    ...optional('asks for', amountsOf(job.resources)),
    ...optional('time limit', job.timeoutMs === null ? null : toDuration(job.timeoutMs)),
    ...optional('start limit', job.startTimeoutMs === null ? null : toDuration(job.startTimeoutMs)),
    ...(job.fateSharing ? optional('fate', 'shared with its supervisor') : []),
    ...optional('working dir', job.runtimeEnv?.workingDir ?? null),
    ...optional('set-up', textOfCommand(job.runtimeEnv?.setup)),
    ...stopLines(job).map((line): [string, string] => ['stop', line]),
    ...optional('metadata', textOf(job.metadata)),
    ...optional('environment', textOf(job.runtimeEnv?.envVars ?? null)),
  ];
  return toFields(fields, (name) => out.style('dim', name));
}

/** Why a job has failed, where neither its exit nor its log says it: one line, or none. */
export function reasonLines({ status, errorType, message }: JobInfo): string[] {
  if (status !== 'FAILED' || errorType === 'JOB_ENTRYPOINT_COMMAND_ERROR') return [];
  return [printable(message.split('\n', 1)[0]!)];
}

/** What came of a job, for `job submit` and `job stop`. */
export function statusLine(job: JobInfo, out: Terminal): string {
  const exit = exitOf(job);
  const how = exit === '' ? '' : ` (${job.signal === null ? `exit code ${exit}` : `signal ${exit}`})`;
  const lasted =
    job.startTime === null || job.endTime === null ? '' : ` after ${toDuration(job.endTime - job.startTime)}`;
  return `Job "${job.submissionId}" ${out.style(COLOURS[job.status], job.status)}${how}${lasted}`;
}

/** What a stop did, one fact a line: who got which signal, and who lives in spite of it. */
export function stopLines(job: JobInfo): string[] {
  const { signals = [], survivors = [], containment } = job.stopReport ?? {};
  const bySignal = Map.groupBy(signals, ({ signal }) => signal);
  const lines = Array.from(
    bySignal,
    ([signal, sent]) => `${signal} to ${sent.map(({ pid }) => targetOf(pid)).join(', ')}`,
  );
  if (survivors.length > 0) lines.push(`still alive: ${survivors.join(', ')}`);
  if (containment !== undefined) lines.push(`found by ${FOUND_BY[containment]}`);
  return lines;
}

function logLimitOf({ logLimitBytes, logLimitPolicy }: JobInfo): string {
  const policy = logLimitPolicy ?? '';
  return logLimitBytes === null ? policy : `${toSize(logLimitBytes)} ${policy}`.trim();
}

const FOUND_BY = { cgroup: 'their control group', marker: 'the mark in their environment' };

const targetOf = (pid: number): string => (pid < 0 ? `group ${-pid}` : String(pid));

const exitOf = (job: JobInfo): string => job.signal ?? (job.exitCode === null ? '' : String(job.exitCode));

function durationOf(job: JobInfo, nowMs: number): string {
  if (job.startTime === null) return '';
  const endMs = job.endTime ?? (isTerminal(job.status) ? null : nowMs);
  return endMs === null ? '' : toDuration(endMs - job.startTime);
}

const textOf = (record: Readonly<Record<string, string>> | null): string =>
  Object.entries(record ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

function pastOf({ errorType, exitCode, signal, endTime }: PastAttempt): string {
  const exit = signal ?? exitCode;
  return printable(`${errorType ?? 'failed'}${exit === null ? '' : ` (${exit})`} at ${toTime(endTime)}`);
}

const amountsOf = (amounts: Readonly<Record<string, number>>): string =>
  Object.entries(amounts)
    .map(([name, amount]) => `${name === 'memory' ? toSize(amount) : amount} ${name}`)
    .join(', ');

const textOfCommand = (command: string | readonly string[] | undefined): string =>
  command === undefined ? '' : typeof command === 'string' ? command : quoteWords(command);
