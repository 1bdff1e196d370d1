/**
 * The `heddle` command. The one place that reads the process: its arguments, environment, directory, streams
 * and signals.
 */
import { realClock } from '@heddle/base';
import { EXIT_FAILED } from './failure.ts';
import { run } from './program.ts';
import type { StopSignal } from './shell.ts';
import { Terminal } from './terminal.ts';

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

/** Runs the command line that this process was started with, and sets its exit code. */
export async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const onGone = (error: NodeJS.ErrnoException) => {
    if (words[0] === 'start') return; // A daemon goes on all the same.
    if (error.code === 'EPIPE') process.exit(); // Nobody is left to tell.
    void err.line(`heddle: Cannot write the output: ${error.message}`);
    process.exit(EXIT_FAILED);
  };
  const err = new Terminal(process.stderr, onGone);
  process.exitCode = await run(words, {
    out: new Terminal(process.stdout, onGone),
    err,
    environment: Object.freeze({ ...process.env }),
    directory: process.cwd(),
    clock: realClock,
    onSignal,
    exit: (code) => process.exit(code),
  });
}

function onSignal(listener: (signal: StopSignal) => void): Disposable {
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
