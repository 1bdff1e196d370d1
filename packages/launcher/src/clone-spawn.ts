/**
 * Starts a process by the system call `clone3`, if asked to in a control group, in which it then is born.
 *
 * That is the one way into a group that takes no lock of the whole machine: to move a process there, the kernel waits for
 * a grace period of RCU, 10 ms and more. The code that it takes (`clone-code.ts`) lies in a page that is written first and
 * made executable then, never both. `node:ffi` calls what has a name; `bsearch` of the C library calls, as its
 * comparison, what has an address.
 */
import { CODE, Order } from './clone-code.ts';
import { type Ffi, NativeMemory } from './native-memory.ts';

const SIGNATURES = {
  mmap: { arguments: ['pointer', 'uint64', 'int32', 'int32', 'int32', 'int64'], return: 'pointer' },
  mprotect: { arguments: ['pointer', 'uint64', 'int32'], return: 'int32' },
  bsearch: { arguments: ['pointer', 'pointer', 'uint64', 'uint64', 'pointer'], return: 'pointer' },
} as const;

const PAGE_BYTES = 4096n;
const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

const CLONE_VM = 0x100n;
const CLONE_VFORK = 0x4000n;
const CLONE_CLEAR_SIGHAND = 0x1_0000_0000n;
const CLONE_INTO_CGROUP = 0x2_0000_0000n;
const SIGCHLD = 17n;

/** Where the texts of a command are, as the C library has them: lists of pointers end in a null. */
export interface NativeCommand {
  readonly file: bigint;
  readonly cwd: bigint;
  readonly argv: bigint;
  readonly env: bigint;
}

/** Open descriptors. */
export interface SpawnDescriptors {
  readonly input: number;
  /** Becomes stdout and stderr; above 2. */
  readonly output: number;
  /** The directory of a control group. Undefined: the one that we are in. */
  readonly group: number | undefined;
}

/** Clears what of a launcher's handlers a signal could reach before the child is another program. */
const ALWAYS = CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND;

export class CloneSpawn {
  readonly #run: (order: bigint) => void;
  readonly #order: NativeMemory;

  /** Undefined on another processor, and where the system does not let memory become code. */
  static open(ffi: Ffi): CloneSpawn | undefined {
    if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
    const { mmap, mprotect, bsearch } = ffi.dlopen(null, SIGNATURES).functions;
    const page = mmap(0n, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0n);
    if (page === MAP_FAILED) return undefined;
    ffi.exportBuffer(CODE, page, CODE.length);
    if (mprotect(page, PAGE_BYTES, PROT_READ | PROT_EXEC) !== 0) return undefined;
    return new CloneSpawn(new NativeMemory(ffi, Order.Bytes), (order) => bsearch(order, order, 1n, 1n, page));
  }

  private constructor(order: NativeMemory, run: (order: bigint) => void) {
    this.#order = order;
    this.#run = run;
    order.writeInt64(Order.ExitSignal, SIGCHLD);
  }

  /** The pid; undefined when nothing was started, or nothing is left of it. */
  start({ file, cwd, argv, env }: NativeCommand, { input, output, group }: SpawnDescriptors): number | undefined {
    const order = this.#order;
    order.writeInt64(Order.Flags, group === undefined ? ALWAYS : ALWAYS | CLONE_INTO_CGROUP);
    order.writeInt64(Order.Group, BigInt(group ?? 0));
    order.writeInt64(Order.File, file);
    order.writeInt64(Order.Argv, argv);
    order.writeInt64(Order.Env, env);
    order.writeInt64(Order.Cwd, cwd);
    order.writeInt32(Order.InputFd, input);
    order.writeInt32(Order.OutputFd, output);
    order.writeInt64(Order.ChildError, 0n);
    this.#run(order.at(0));
    const pid = Number(order.readInt64(Order.Pid));
    return pid > 0 && order.readInt64(Order.ChildError) === 0n ? pid : undefined;
  }
}
