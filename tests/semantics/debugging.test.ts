/** What docs/debugging.md promises: a debugger and source maps reach the threads of actors. With real programs. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ScratchDirectory } from '../support/scratch-directory.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));
const COUNTER = readFileSync(new URL('./actors/counter.ts', import.meta.url), 'utf8');
/** Of the statement inside `increment`, counted from 0. */
const INCREMENT_LINE = COUNTER.split('\n').findIndex((line) => line.includes('this.#n += by'));
const LIMIT = AbortSignal.timeout(60_000);

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, never>;
}

/** A debugger's end of the protocol. */
class Inspector implements Disposable {
  readonly #socket: WebSocket;
  readonly #messages: Message[] = [];
  readonly #waiting: { isMeant: (message: Message) => boolean; resolve: (message: Message) => void }[] = [];
  #ids = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(data)));
  }

  static async connect(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    const inspector = new Inspector(socket);
    await once(socket, 'open', { signal: LIMIT });
    return inspector;
  }

  send(method: string, params: object = {}): void {
    this.#socket.send(JSON.stringify({ id: ++this.#ids, method, params }));
  }

  /** Says something to one worker's own debugger; resolves when that has done it. */
  async sendTo(sessionId: string, method: string, params: object = {}): Promise<void> {
    const id = ++this.#ids;
    const message = JSON.stringify({ id, method, params });
    this.send('NodeWorker.sendMessageToWorker', { sessionId, message });
    await this.#first((answer) => answer.id === id);
  }

  /** The next message of that name, also one that has come already. */
  async next(method: string): Promise<Record<string, never>> {
    return (await this.#first((message) => message.method === method)).params!;
  }

  async #first(isMeant: (message: Message) => boolean): Promise<Message> {
    const at = this.#messages.findIndex(isMeant);
    if (at !== -1) return this.#messages.splice(at, 1)[0]!;
    return new Promise((resolve) => this.#waiting.push({ isMeant, resolve }));
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #take(message: Message): void {
    const inner = message.method === 'NodeWorker.receivedMessageFromWorker' ? message.params?.message : undefined;
    if (inner !== undefined) {
      this.#take(JSON.parse(inner));
      return;
    }
    const at = this.#waiting.findIndex(({ isMeant }) => isMeant(message));
    if (at === -1) this.#messages.push(message);
    else this.#waiting.splice(at, 1)[0]!.resolve(message);
  }
}

test('F5 --inspect reaches the threads of actors: a breakpoint in a method stops there', {
  signal: LIMIT,
}, async () => {
  const args = ['--inspect=127.0.0.1:0', '--conditions=heddle-source', fixture('inspected')];
  const program = spawn(process.execPath, args);
  const exited = once(program, 'exit');
  try {
    const lines = createInterface({ input: program.stdout });
    const ready = once(lines, 'line', { signal: LIMIT });
    let said = '';
    for await (const chunk of program.stderr.iterator({ destroyOnReturn: false })) {
      said += chunk;
      if (/ws:\S+\s/.test(said)) break;
    }
    program.stderr.resume();
    await ready;
    using inspector = await Inspector.connect(said.match(/ws:\S+/)![0]);
    inspector.send('NodeWorker.enable', { waitForDebuggerOnStart: false });
    const { sessionId, workerInfo } = (await inspector.next('NodeWorker.attachedToWorker')) as unknown as {
      sessionId: string;
      workerInfo: { title: string };
    };
    assert.match(workerInfo.title, /heddle actor worker_/);
    await inspector.sendTo(sessionId, 'Debugger.enable');
    await inspector.sendTo(sessionId, 'Debugger.setBreakpointByUrl', {
      urlRegex: '.*counter\\.ts$',
      lineNumber: INCREMENT_LINE,
    });
    const answered = once(lines, 'line', { signal: LIMIT });
    program.stdin.write('go\n');
    const { callFrames } = (await inspector.next('Debugger.paused')) as unknown as {
      callFrames: { functionName: string }[];
    };
    assert.equal(callFrames[0]!.functionName, 'increment');
    await inspector.sendTo(sessionId, 'Debugger.resume');
    assert.deepEqual(await answered, ['42']);
  } finally {
    program.kill('SIGKILL');
    await exited;
  }
});

test('F5 with --enable-source-maps the stack of a failed call leads to the source of the actor', async () => {
  await using scratch = await ScratchDirectory.make();
  const compiled = join(scratch.path, 'mapped.mjs');
  const mappings = ['AAUA', 'AACA', 'AACA', 'AACA', 'AACA'].join(';'); // Line n was line n + 10.
  const map = { version: 3, sources: ['mapped.ts'], names: [], mappings };
  const comment = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
  const code = ['export class Mapped {', 'fail() {', "throw new Error('mapped');", '}', '}', comment].join('\n');
  await writeFile(compiled, code);
  const args = ['--conditions=heddle-source', fixture('fails-in-mapped-module'), pathToFileURL(compiled).href];
  const run = async (flags: string[]) => (await promisify(execFile)(process.execPath, [...flags, ...args])).stdout;
  assert.match(await run(['--enable-source-maps']), /mapped\.ts:13/);
  assert.match(await run([]), /mapped\.mjs:3/);
});
