/**
 * What runs on this machine, read from `/proc`: the only file that knows how.
 *
 * Reading all of it is done in slices, so that a loop which serves others goes on serving. Everything read may be
 * out of date a moment later: whoever wants to signal a process looks at it again just before (`isSameProcess`).
 *
 * Where there is no `/proc` nothing is found, and identities have empty fields.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { nextTurn } from './turn.ts';

/** Carries a job's mark to all its processes: `<identity of the state directory>:<attempt id>`. */
export const JOB_MARK_VARIABLE = 'HEDDLE_JOB_MARK';
export const JOB_ID_VARIABLE = 'HEDDLE_JOB_ID';

/** One process at one moment. */
export interface ProcessFacts {
  readonly pid: number;
  /** Clock ticks since the boot. With the pid it names a process, but for reuse within one tick. */
  readonly startTime: string;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
  /** Has ended and waits to be reaped: it can do nothing and pins its pid. */
  readonly isZombie: boolean;
  /** The value of HEDDLE_JOB_MARK in its environment, or undefined: not a job's, or not ours to read. */
  readonly mark: string | undefined;
  readonly jobId: string | undefined;
}

/** Which boot of which machine, and which of its process namespaces: only there do pids mean anything. */
export interface PidSpace {
  readonly bootId: string;
  readonly pidNamespace: string;
}

export function readPidSpace(): PidSpace {
  return {
    bootId: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? '',
    pidNamespace: attempt(() => readlinkSync('/proc/self/ns/pid')) ?? '',
  };
}

/** Processes looked at before the loop may turn: about a millisecond's worth. */
const SLICE = 32;

/** All processes at about one moment, zombies included, and the ways to find some among them. */
export class ProcessLook {
  readonly #byPid: ReadonlyMap<number, ProcessFacts>;
  readonly #byParent: ReadonlyMap<number, readonly ProcessFacts[]>;
  readonly #byGroup: ReadonlyMap<number, readonly ProcessFacts[]>;
  readonly #byMark: ReadonlyMap<string | undefined, readonly ProcessFacts[]>;

  constructor(all: readonly ProcessFacts[]) {
    this.#byPid = new Map(all.map((facts) => [facts.pid, facts]));
    this.#byParent = Map.groupBy(all, ({ parentPid }) => parentPid);
    this.#byGroup = Map.groupBy(all, ({ groupId }) => groupId);
    this.#byMark = Map.groupBy(all, ({ mark }) => mark);
  }

  get(pid: number): ProcessFacts | undefined {
    return this.#byPid.get(pid);
  }

  childrenOf(pid: number): readonly ProcessFacts[] {
    return this.#byParent.get(pid) ?? [];
  }

  inGroup(groupId: number): readonly ProcessFacts[] {
    return this.#byGroup.get(groupId) ?? [];
  }

  marks(): string[] {
    return [...this.#byMark.keys()].filter((mark) => mark !== undefined);
  }

  markedWith(mark: string): readonly ProcessFacts[] {
    return this.#byMark.get(mark) ?? [];
  }
}

/** Reads what runs now. */
export async function lookAtProcesses(): Promise<ProcessLook> {
  const found: ProcessFacts[] = [];
  let looked = 0;
  for (const name of listProc()) {
    if (++looked % SLICE === 0) await nextTurn();
    const facts = readProcess(Number(name));
    if (facts !== undefined) found.push(facts);
  }
  return new ProcessLook(found);
}

/** One process, or undefined when there is none of that pid. */
export function readProcess(pid: number): ProcessFacts | undefined {
  const stat = readStat(pid);
  if (stat === undefined) return undefined;
  const environment = stat.isZombie ? undefined : readEnvironment(pid);
  if (environment === undefined) return { ...stat, mark: undefined, jobId: undefined };
  const mark = findVariable(environment, JOB_MARK_VARIABLE);
  return { ...stat, mark, jobId: mark === undefined ? undefined : findVariable(environment, JOB_ID_VARIABLE) };
}

/** A process's start time, which stays readable as long as it is not reaped; empty where it cannot be read. */
export const readStartTime = (pid: number): string => readStat(pid)?.startTime ?? '';

/** Whether the pid still is the process that was seen, alive and marked as it was. */
export function isSameProcess(seen: ProcessFacts): boolean {
  const now = readProcess(seen.pid);
  return now !== undefined && !now.isZombie && now.startTime === seen.startTime && now.mark === seen.mark;
}

/** Whether the process is suspended by a signal (SIGSTOP) or a debugger. */
export function isStopped(pid: number): boolean {
  const state = readState(pid);
  return state === 'T' || state === 't';
}

/** Whether a process of that pid lives; a zombie does not. */
export function isAlive(pid: number): boolean {
  const state = readState(pid);
  if (state !== undefined) return state !== 'Z' && state !== 'X';
  return !existsSync('/proc/self/stat') && (attempt(() => process.kill(pid, 0)) ?? false);
}

type Stat = Omit<ProcessFacts, 'mark' | 'jobId'>;

/** `pid (name) state ppid pgrp session … starttime(22) …`; the name may hold anything, `)` included. */
function readStat(pid: number): Stat | undefined {
  const text = readSmall(`/proc/${pid}/stat`)?.toString('latin1');
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 20);
  return {
    pid,
    startTime: fields[19] ?? '',
    parentPid: Number(fields[1]),
    groupId: Number(fields[2]),
    sessionId: Number(fields[3]),
    isZombie: fields[0] === 'Z' || fields[0] === 'X',
  };
}

function readState(pid: number): string | undefined {
  const text = readSmall(`/proc/${pid}/stat`)?.toString('latin1');
  return text?.charAt(text.lastIndexOf(')') + 2);
}

/** Looks at an environment that is being replaced, and the pause between them: 20 ms in all. */
const EXEC_LOOKS = 100;
const EXEC_PAUSE_MS = 0.2;

/**
 * In the midst of an `exec` the kernel shows an empty environment: taken as it is, a job's process would be
 * nobody's for that moment, and a kill would pass it by. So an empty one is believed only of a program that was in
 * place before the look and still is.
 */
function readEnvironment(pid: number): Buffer | undefined {
  let before: string | undefined;
  for (let look = 1; ; look++) {
    const environment = readSmall(`/proc/${pid}/environ`);
    if (environment?.length !== 0 || look === EXEC_LOOKS) return environment;
    const now = readProgram(pid);
    if (now === NO_PROGRAM || (now !== BETWEEN_PROGRAMS && now === before)) return environment;
    if (now === BETWEEN_PROGRAMS) Atomics.wait(pause, 0, 0, EXEC_PAUSE_MS);
    before = now;
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

const NO_PROGRAM = 'none';
const BETWEEN_PROGRAMS = 'between';

/** Names the program in place by where its code and its stack lie: each `exec` lays them anew. */
function readProgram(pid: number): string {
  const text = readSmall(`/proc/${pid}/stat`)?.toString('latin1');
  if (text === undefined) return NO_PROGRAM;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 26);
  const [memory, ...places] = [fields[20], fields[23], fields[24], fields[25]];
  if (memory === '0') return NO_PROGRAM; // A kernel thread, or at its end.
  return places[1] === '0' ? BETWEEN_PROGRAMS : places.join(' ');
}

function findVariable(environment: Buffer, name: string): string | undefined {
  const assignment = `${name}=`;
  for (let at = environment.indexOf(assignment); at >= 0; at = environment.indexOf(assignment, at + 1)) {
    if (at > 0 && environment[at - 1] !== 0) continue;
    const end = environment.indexOf(0, at);
    return environment.toString('utf8', at + assignment.length, end < 0 ? environment.length : end);
  }
  return undefined;
}

function listProc(): string[] {
  return attempt(() => readdirSync('/proc').filter((name) => /^\d+$/.test(name))) ?? [];
}

let shared = Buffer.allocUnsafeSlow(64 * 1024);

/** A file of `/proc`, whole, in a buffer that the next call overwrites. Undefined when it cannot be read. */
function readSmall(path: string): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    let length = 0;
    for (;;) {
      const got = readSync(fd, shared, length, shared.length - length, null);
      if (got === 0) return shared.subarray(0, length);
      length += got;
      if (length === shared.length) shared = Buffer.concat([shared, Buffer.alloc(shared.length)]);
    }
  } catch {
    return undefined; // It has ended, or belongs to somebody else.
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
