/**
 * Starts processes as `posix_spawn` does, and is told of their ends: what `child_process` does, at half its cost.
 *
 * Node forks: that copies the tables of all its pages, and then it traps on each page that it writes to. `posix_spawn`
 * of the C library borrows the memory until the new program is in place, and so does the system call below it, which can
 * have the child born in a control group too (`clone-spawn.ts`): that is used where it is there, and the library where
 * not. Both are reached by `node:ffi`, which is experimental: where that is missing, or anything else that is asked of the system here, or does not do what it
 * should, `open` gives nothing; and what cannot be started this way gives nothing either. The caller then uses
 * `child_process`, which knows all the reasons why a program cannot be started and says them.
 *
 * A child gets a session of its own, nothing on stdin, one descriptor for stdout and stderr and no other, and no signal
 * blocked or ignored. Its end is taken from the kernel in the turn in which it is told, so a child whose end was not
 * told is certainly not reaped. Children of `child_process` are left to Node.
 */
import { constants, openSync, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { isAbsolute } from 'node:path';
import { CloneSpawn } from './clone-spawn.ts';
import { type Ffi, NativeMemory, POINTER_BYTES } from './native-memory.ts';

/** Exactly one of the two is not null. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface SpawnCommand {
  /** Not empty. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Open; it becomes stdout and stderr. */
  readonly outputFd: number;
  /** The directory of a control group, open: the child is born in there. Missing: in ours. */
  readonly groupFd?: number;
}

const SIGNATURES = {
  posix_spawn: { arguments: ['pointer', 'pointer', 'pointer', 'pointer', 'pointer', 'pointer'], return: 'int32' },
  posix_spawnattr_init: { arguments: ['pointer'], return: 'int32' },
  posix_spawnattr_setflags: { arguments: ['pointer', 'int16'], return: 'int32' },
  posix_spawnattr_setsigdefault: { arguments: ['pointer', 'pointer'], return: 'int32' },
  posix_spawnattr_setsigmask: { arguments: ['pointer', 'pointer'], return: 'int32' },
  sigfillset: { arguments: ['pointer'], return: 'int32' },
  sigemptyset: { arguments: ['pointer'], return: 'int32' },
  posix_spawn_file_actions_init: { arguments: ['pointer'], return: 'int32' },
  posix_spawn_file_actions_destroy: { arguments: ['pointer'], return: 'int32' },
  posix_spawn_file_actions_adddup2: { arguments: ['pointer', 'int32', 'int32'], return: 'int32' },
  posix_spawn_file_actions_addchdir_np: { arguments: ['pointer', 'pointer'], return: 'int32' },
  waitid: { arguments: ['int32', 'int32', 'pointer', 'int32'], return: 'int32' },
  waitpid: { arguments: ['int32', 'pointer', 'int32'], return: 'int32' },
} as const;

const load = (ffi: Ffi) => ffi.dlopen(null, SIGNATURES).functions;

/** As both C libraries of Linux have them, on every machine of 64 bits. */
const SPAWN_SETSIGDEF = 0x04;
const SPAWN_SETSIGMASK = 0x08;
const SPAWN_SETSID = 0x80;
const WAIT_FOR_ALL = 0;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const SIGINFO_PID = 16;

/** Places in `#fixed`, each with more room than either C library takes. */
const ATTRIBUTES = 0;
const ACTIONS = 1024;
const SIGNALS = 2048;
const SIGINFO = 3072;
const PID = 3584;
const STATUS = 3592;
const FIXED_BYTES = 4096;
const TEXT_BYTES = 64 * 1024;

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

export class PosixSpawn {
  readonly #ffi: Ffi;
  readonly #c: ReturnType<typeof load>;
  readonly #fixed: NativeMemory;
  #text: NativeMemory;
  readonly #nothing = openSync('/dev/null', constants.O_RDONLY);
  readonly #children = new Map<number, (end: ChildEnd) => void>();
  #clone: CloneSpawn | undefined;
  /** The descriptor and the directory that the actions are for. */
  #actionsFor = '';

  /** Undefined where this cannot be done, or does not do what it should. `library`: by the C library only. */
  static open(way: 'any' | 'library' = 'any'): PosixSpawn | undefined {
    if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return undefined;
    try {
      const ffi = process.getBuiltinModule('node:ffi') as Ffi | undefined; // Node 24 has none.
      if (ffi === undefined) return undefined;
      const spawn = new PosixSpawn(ffi, way === 'any' ? CloneSpawn.open(ffi) : undefined);
      if (!spawn.#isTrustworthy()) return undefined;
      process.on('SIGCHLD', () => spawn.#reap());
      return spawn;
    } catch {
      return undefined;
    }
  }

  private constructor(ffi: Ffi, clone: CloneSpawn | undefined) {
    this.#ffi = ffi;
    this.#clone = clone;
    this.#c = load(ffi);
    this.#fixed = new NativeMemory(ffi, FIXED_BYTES);
    this.#text = new NativeMemory(ffi, TEXT_BYTES);
    const at = (place: number): bigint => this.#fixed.at(place);
    check(this.#c.posix_spawnattr_init(at(ATTRIBUTES)));
    check(this.#c.posix_spawnattr_setflags(at(ATTRIBUTES), SPAWN_SETSID | SPAWN_SETSIGDEF | SPAWN_SETSIGMASK));
    check(this.#c.sigfillset(at(SIGNALS)));
    check(this.#c.posix_spawnattr_setsigdefault(at(ATTRIBUTES), at(SIGNALS)));
    check(this.#c.sigemptyset(at(SIGNALS)));
    check(this.#c.posix_spawnattr_setsigmask(at(ATTRIBUTES), at(SIGNALS)));
    check(this.#c.posix_spawn_file_actions_init(at(ACTIONS)));
  }

  /** The pid; undefined when nothing was started. `ended` is called once, in a later turn. */
  start(command: SpawnCommand, ended: (end: ChildEnd) => void): number | undefined {
    const file = findProgram(command);
    if (file === undefined) return undefined;
    const pid = this.#spawn(file, command);
    if (pid !== undefined) this.#children.set(pid, ended);
    return pid;
  }

  /** Whether children can be born in this control group: has one born there. */
  canStartIn(groupFd: number): boolean {
    return this.#clone !== undefined && this.#canStart(groupFd);
  }

  #spawn(file: string, { argv, cwd, env, outputFd, groupFd }: SpawnCommand): number | undefined {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const texts = [file, cwd, ...argv, ...variables];
    if (texts.some((text) => text.includes('\0'))) return undefined;

    this.#makeRoom(texts);
    const [fileAt, cwdAt, ...places] = this.#text.putTexts(texts);
    const argvAt = this.#text.putPointers(places.slice(0, argv.length));
    const envAt = this.#text.putPointers(places.slice(argv.length));
    if (this.#clone !== undefined) {
      const command = { file: fileAt!, cwd: cwdAt!, argv: argvAt, env: envAt };
      return this.#clone.start(command, { input: this.#nothing, output: outputFd, group: groupFd });
    }
    if (groupFd !== undefined) return undefined;
    if (!this.#act(outputFd, cwd, cwdAt!)) return undefined;
    const fixed = this.#fixed;
    const failure = this.#c.posix_spawn(fixed.at(PID), fileAt!, fixed.at(ACTIONS), fixed.at(ATTRIBUTES), argvAt, envAt);
    return failure === 0 ? fixed.readInt32(PID) : undefined;
  }

  /** Most jobs have the same directory, and a log that was just opened the same number. */
  #act(outputFd: number, cwd: string, cwdAt: bigint): boolean {
    const actionsFor = `${outputFd} ${cwd}`;
    if (actionsFor === this.#actionsFor) return true;
    const actions = this.#fixed.at(ACTIONS);
    this.#actionsFor = '';
    this.#c.posix_spawn_file_actions_destroy(actions);
    const failures = [
      this.#c.posix_spawn_file_actions_init(actions),
      this.#c.posix_spawn_file_actions_adddup2(actions, this.#nothing, STDIN),
      this.#c.posix_spawn_file_actions_adddup2(actions, outputFd, STDOUT),
      this.#c.posix_spawn_file_actions_adddup2(actions, outputFd, STDERR),
      this.#c.posix_spawn_file_actions_addchdir_np(actions, cwdAt),
    ];
    if (failures.some((failure) => failure !== 0)) return false;
    this.#actionsFor = actionsFor;
    return true;
  }

  #makeRoom(texts: readonly string[]): void {
    const bytes = texts.reduce((sum, text) => sum + 3 * text.length + 1 + POINTER_BYTES, 4 * POINTER_BYTES);
    if (bytes > this.#text.bytes) this.#text = new NativeMemory(this.#ffi, 2 * bytes);
    this.#text.clear();
  }

  /** Asks first whose child has ended, and takes the end only if it is one of these. */
  #reap(): void {
    for (;;) {
      this.#fixed.writeInt32(SIGINFO + SIGINFO_PID, 0);
      this.#c.waitid(WAIT_FOR_ALL, 0, this.#fixed.at(SIGINFO), WEXITED | WNOHANG | WNOWAIT);
      const pid = this.#fixed.readInt32(SIGINFO + SIGINFO_PID);
      if (pid === 0) return;
      if (!this.#take(pid)) break; // Node's, which stays in front until Node has taken it.
    }
    for (const pid of [...this.#children.keys()]) this.#take(pid);
  }

  #take(pid: number): boolean {
    const ended = this.#children.get(pid);
    if (ended === undefined || this.#c.waitpid(pid, this.#fixed.at(STATUS), WNOHANG) !== pid) return false;
    this.#children.delete(pid);
    ended(toChildEnd(this.#fixed.readInt32(STATUS)));
    return true;
  }

  /** One of the two ways does what it should: the system call, or else the C library. */
  #isTrustworthy(): boolean {
    if (this.#canStart()) return true;
    if (this.#clone === undefined) return false;
    this.#clone = undefined;
    return this.#canStart();
  }

  /** Starts something that must end in a certain way, and waits for it. */
  #canStart(groupFd?: number): boolean {
    const code = 7;
    const command = { argv: ['sh', '-c', `exit ${code}`], cwd: '/', env: {}, outputFd: this.#nothing };
    const pid = this.#spawn('/bin/sh', groupFd === undefined ? command : { ...command, groupFd });
    if (pid === undefined || this.#c.waitpid(pid, this.#fixed.at(STATUS), 0) !== pid) return false;
    return toChildEnd(this.#fixed.readInt32(STATUS)).code === code;
  }
}

/** As `execvp` looks for it, along the PATH that the child will have. Undefined where there is any doubt. */
function findProgram({ argv, env }: SpawnCommand): string | undefined {
  const [name = ''] = argv;
  if (name.includes('/')) return name;
  for (const directory of env.PATH?.split(':') ?? []) {
    if (!isAbsolute(directory)) return undefined;
    const file = `${directory}/${name}`;
    if (isProgram(file)) return file;
  }
  return undefined;
}

const EXECUTABLE = 0o111;

function isProgram(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && (found.mode & EXECUTABLE) !== 0;
}

/** From the status that `waitpid` gives. */
function toChildEnd(status: number): ChildEnd {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal: toSignalName(signal) };
}

/** Of two names for one signal the first: SIGABRT, SIGIO. A real-time signal has none, and gets its number. */
const toSignalName = (signal: number): string =>
  Object.entries(system.signals).find(([, number]) => number === signal)?.[0] ?? `SIG${signal}`;

function check(failure: number): void {
  if (failure !== 0) throw new Error(`the system gave error ${failure}`);
}
