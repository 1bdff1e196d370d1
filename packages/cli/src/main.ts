/**
 * The `heddle` command. The one place that reads the process: its arguments, environment, directory, streams
 * and signals.
 */
import { realClock } from '@heddle/base';
import { run } from './program.ts';
import type { StopSignal } from './shell.ts';
import { Terminal } from './terminal.ts';

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

/** Runs the command line that this process was started with, and sets its exit code. */
export async function main(): Promise<void> {
  const words = process.argv.slice(2);
  // Nobody is left to tell. A daemon goes on all the same.
  const onGone = () => {
    if (words[0] !== 'start') process.exit();
  };
  process.exitCode = await run(words, {
    out: new Terminal(process.stdout, onGone),
    err: new Terminal(process.stderr, onGone),
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
