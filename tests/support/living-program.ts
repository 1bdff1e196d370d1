/** One of `tests/semantics/fixtures` as a program that goes on until the test kills it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export class LivingProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #exited: Promise<unknown>;

  constructor(name: string, args: readonly string[]) {
    const program = fileURLToPath(new URL(`../semantics/fixtures/${name}.ts`, import.meta.url));
    this.#child = spawn(process.execPath, ['--conditions=heddle-source', program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#exited = once(this.#child, 'exit');
    this.#lines = createInterface({ input: this.#child.stdout! });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What it says next. @throws when it ends instead. */
  async line(): Promise<string> {
    const ended = this.#exited.then(() => {
      throw new Error('the program has ended');
    });
    ended.catch(() => {});
    const [line] = await Promise.race([once(this.#lines, 'line'), ended]);
    return line;
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
