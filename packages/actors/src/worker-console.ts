/**
 * The console of a worker: what user code prints goes to the driver as whole writes, with who printed it.
 *
 * A worker's own stdout is a stream through the driver's loop whose last lines a death can swallow. Lines sent
 * over the link arrive like answers: also those printed just before `process.exit()`.
 */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { Link } from './link.ts';
import { Kind } from './protocol.ts';
import { presentActor } from './runtime-context.ts';

export function installConsole(driver: Link): void {
  globalThis.console = new Console({ stdout: sink(driver, false), stderr: sink(driver, true), colorMode: false });
}

function sink(driver: Link, isError: boolean): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string | Buffer, _encoding, done) {
      driver.entry().push(Kind.Print, presentActor()?.actor ?? -1, isError, text.toString());
      done();
    },
  });
}
