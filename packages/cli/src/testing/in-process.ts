/** One `heddle` command run in this very process, into pipes: what it prints and how it ends, without a start of Node. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { realClock } from '@heddle/base';
import { run } from '../program.ts';
import { Terminal } from '../terminal.ts';

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function runHeddle(words: readonly string[], directory: string, address: string): Promise<Printed> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const texts = Promise.all([text(out), text(err)]);
  const code = await run(words, {
    out: new Terminal(out as never, () => {}),
    err: new Terminal(err as never, () => {}),
    environment: { HEDDLE_ADDRESS: address },
    directory,
    clock: realClock,
    onSignal: () => ({ [Symbol.dispose]: () => {} }),
    exit: (exitCode) => {
      throw new assert.AssertionError({ message: `ended with ${exitCode}` });
    },
  });
  out.end();
  err.end();
  const [printed, complained] = await texts;
  return { code, out: printed, err: complained };
}
