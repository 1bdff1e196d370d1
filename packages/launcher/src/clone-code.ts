/**
 * Machine code that starts a process by `clone3`: each instruction beside what an assembler makes of it. x86-64, Linux.
 *
 * No C library does what is needed here before glibc 2.39: a child that is born in a control group. The system call does,
 * but its child returns in borrowed memory, beside a parent that stands still until the child has become another program;
 * nothing may run there that a compiler or an engine has made for another purpose. So these few instructions do: they
 * touch registers and one block of memory, the *order*, and neither stack nor heap.
 *
 * The child gets what `posix_spawn` gives: every signal's default, a session of its own, its three descriptors, its
 * directory, no blocked signal. Whatever of this fails ends the child, and the order says why.
 */

/** Places in the order. `clone_args` of the kernel comes first; what follows is ours. */
export const Order = {
  Flags: 0,
  ExitSignal: 32,
  Group: 80,
  File: 96,
  Argv: 104,
  Env: 112,
  Cwd: 120,
  InputFd: 128,
  OutputFd: 132,
  /** The pid, or the negative error of the system call. */
  Pid: 136,
  /** Why the child could not become the program; 0: it has. */
  ChildError: 144,
  /** NULs: no handler, no flags, no blocked signal. */
  Nothing: 152,
  Bytes: 192,
} as const;

/** Of the first revision that knows of groups (Linux 5.7). */
const CLONE_ARGS_BYTES = 88;

/** Called with the address of the order; returns 0. `#` begins a comment, a line that ends in `:` is a label. */
const LISTING = `
    f3 0f 1e fa              endbr64
    53                       push rbx
    48 89 fb                 mov rbx, rdi
    be 58 00 00 00           mov esi, ${CLONE_ARGS_BYTES}
    b8 b3 01 00 00           mov eax, 435                        # clone3
    0f 05                    syscall
    48 85 c0                 test rax, rax
    74 31                    je child
    48 89 83 88 00 00 00     mov [rbx+${Order.Pid}], rax         # the parent, when the child has become another program
    78 24                    js done
    48 83 bb 90 00 00 00 00  cmp qword ptr [rbx+${Order.ChildError}], 0
    74 1a                    je done
  again:
    48 8b bb 88 00 00 00     mov rdi, [rbx+${Order.Pid}]         # or has failed: nobody else is to be told of it
    31 f6                    xor esi, esi
    31 d2                    xor edx, edx
    45 31 d2                 xor r10d, r10d
    b8 3d 00 00 00           mov eax, 61                         # wait4
    0f 05                    syscall
    83 f8 fc                 cmp eax, -4                         # EINTR
    74 e6                    je again
  done:
    31 c0                    xor eax, eax
    5b                       pop rbx
    c3                       ret
  child:
    41 bc 40 00 00 00        mov r12d, 64
  signals:
    44 89 e7                 mov edi, r12d                       # an ignored signal would stay ignored
    48 8d b3 98 00 00 00     lea rsi, [rbx+${Order.Nothing}]
    31 d2                    xor edx, edx
    41 ba 08 00 00 00        mov r10d, 8
    b8 0d 00 00 00           mov eax, 13                         # rt_sigaction
    0f 05                    syscall
    41 ff cc                 dec r12d
    75 e2                    jne signals
    b8 70 00 00 00           mov eax, 112                        # setsid
    0f 05                    syscall
    8b bb 80 00 00 00        mov edi, [rbx+${Order.InputFd}]
    31 f6                    xor esi, esi
    b8 21 00 00 00           mov eax, 33                         # dup2
    0f 05                    syscall
    85 c0                    test eax, eax
    78 69                    js failed
    8b bb 84 00 00 00        mov edi, [rbx+${Order.OutputFd}]
    be 01 00 00 00           mov esi, 1
    b8 21 00 00 00           mov eax, 33                         # dup2
    0f 05                    syscall
    85 c0                    test eax, eax
    78 53                    js failed
    8b bb 84 00 00 00        mov edi, [rbx+${Order.OutputFd}]
    be 02 00 00 00           mov esi, 2
    b8 21 00 00 00           mov eax, 33                         # dup2
    0f 05                    syscall
    85 c0                    test eax, eax
    78 3d                    js failed
    48 8b 7b 78              mov rdi, [rbx+${Order.Cwd}]
    b8 50 00 00 00           mov eax, 80                         # chdir
    0f 05                    syscall
    85 c0                    test eax, eax
    78 2e                    js failed
    bf 02 00 00 00           mov edi, 2                          # SIG_SETMASK
    48 8d b3 98 00 00 00     lea rsi, [rbx+${Order.Nothing}]
    31 d2                    xor edx, edx
    41 ba 08 00 00 00        mov r10d, 8
    b8 0e 00 00 00           mov eax, 14                         # rt_sigprocmask
    0f 05                    syscall
    48 8b 7b 60              mov rdi, [rbx+${Order.File}]
    48 8b 73 68              mov rsi, [rbx+${Order.Argv}]
    48 8b 53 70              mov rdx, [rbx+${Order.Env}]
    b8 3b 00 00 00           mov eax, 59                         # execve; who returns from it has failed
    0f 05                    syscall
  failed:
    48 f7 d8                 neg rax
    48 89 83 90 00 00 00     mov [rbx+${Order.ChildError}], rax
    bf 7f 00 00 00           mov edi, 127
    b8 3c 00 00 00           mov eax, 60                         # exit
    0f 05                    syscall
    0f 0b                    ud2
`;

const lines = LISTING.split('\n').map((line) => /^\s*((?:[0-9a-f]{2} )*)\s*([^#]*)/.exec(line)!);

/** What the processor is given. */
export const CODE = Buffer.from(lines.map(([, bytes]) => bytes!.replaceAll(' ', '')).join(''), 'hex');

/** What it was made of, for an assembler. */
export const ASSEMBLY = lines.map(([, , text]) => text!.trim()).join('\n');
