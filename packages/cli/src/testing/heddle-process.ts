/** One `heddle` command as a real process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const HEDDLE = fileURLToPath(new URL('heddle.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface HeddleProcessOptions {
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export class HeddleProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  out = '';
  err = '';

  constructor(words: readonly string[], options: HeddleProcessOptions) {
    const { HEDDLE_ADDRESS: _address, HEDDLE_TOKEN: _token, ...inherited } = process.env;
    this.child = spawn(process.execPath, ['--conditions=heddle-source', HEDDLE, ...words], {
      cwd: options.directory,
      env: { ...inherited, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal, out: this.out, err: this.err }));
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Resolves with the first match in what it prints; rejects if it ends without. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.out);
      if (match !== null) return match;
      const more = once(this.child.stdout!, 'data').then(() => undefined);
      const ended = await Promise.race([more, this.ended]);
      if (ended !== undefined && pattern.exec(this.out) === null)
        throw new Error(
          `Cannot wait for ${pattern}: it ended with ${ended.code ?? ended.signal}\n${this.out}\n${this.err}`,
        );
    }
  }
}
