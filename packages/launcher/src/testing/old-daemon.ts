/**
 * The launcher of protocol 0, as it was built then, and a daemon of its time that speaks to it: for tests of upgrades.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { LaunchRequest } from '../attempt.ts';
import { connectTo } from '../connecting.ts';
import { launcherHome } from '../launcher-home.ts';
import { MessageSocket } from '../message-socket.ts';
import { until } from './harness.ts';

const BUILT = new URL('../../fixtures/protocol-0/launcher.mjs.txt', import.meta.url).pathname;

/** Disposing it ends the daemon alone, as an upgrade does. */
export class OldDaemon implements AsyncDisposable {
  readonly pid: number;
  readonly #socket: MessageSocket;
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  #asked = 0;

  /** `directory` is where launchers have their folders. */
  static async start(directory: string): Promise<OldDaemon> {
    const home = launcherHome(directory, 0);
    mkdirSync(home.directory, { recursive: true, mode: 0o700 });
    const program = join(home.directory, 'launcher.mjs'); // Under its own name: it is no text.
    copyFileSync(BUILT, program);
    const child = spawn(process.execPath, [program, directory, '100'], {
      detached: true,
      stdio: 'ignore',
      env: {},
    });
    let socket: Socket | undefined;
    // The socket's file is there a moment before anybody listens.
    await until('the old launcher listens', async () => (socket = await connectTo(home.socket)) !== undefined);
    return new OldDaemon(child.pid!, socket!);
  }

  private constructor(pid: number, socket: Socket) {
    this.pid = pid;
    this.#socket = new MessageSocket(socket, {
      received: (message) => {
        const { id, value, failure } = message as { id?: number; value?: unknown; failure?: unknown };
        if (id === undefined) return;
        if (failure === undefined) this.#answers.get(id)!.resolve(value);
        else this.#answers.get(id)!.reject(failure);
      },
      closed: () => {
        for (const { reject } of this.#answers.values()) reject(new Error('the old launcher is gone'));
      },
    });
    this.#socket.send({ protocol: 0, minProtocol: 0, pid: process.pid });
  }

  launch(request: LaunchRequest): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(++this.#asked, answer);
    this.#socket.send({ id: this.#asked, kind: 'launch', request });
    return answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }
}
