/**
 * The console of a worker: what user code prints goes to the driver as whole writes, with who printed it.
 *
 * A worker's own stdout is a stream through the driver's loop whose last lines a death can swallow. Lines sent
 * over the link arrive like answers: also those printed just before `process.exit()`.
 */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { Encoder } from './encoder.ts';
import type { Link } from './link.ts';
import { Kind } from './protocol.ts';
import { presentActor, presentEnvelope } from './runtime-context.ts';

export function installConsole(driver: Link, encoder: Encoder): void {
  const sink = (isError: boolean) => makeSink(driver, encoder, isError);
  globalThis.console = new Console({ stdout: sink(false), stderr: sink(true), colorMode: false });
}

function makeSink(driver: Link, encoder: Encoder, isError: boolean): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string | Buffer, _encoding, done) {
      const who = presentActor()?.actor ?? presentEnvelope()?.task ?? -1;
      const print = () => {
        driver.entry().push(Kind.Print, who, isError, text.toString());
        if (driver.isWire) driver.flush(); // The process may be about to abort, and take along what was not sent.
      };
      if (encoder.isBusy)
        queueMicrotask(print); // In a getter of a value that is being sent: its entry comes first.
      else print();
      done();
    },
  });
}
