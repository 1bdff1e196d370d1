import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@heddle/base';
import fc from 'fast-check';
import { RequestFailedError, ServerUnreachableError } from './errors.ts';
import { followLog } from './log-follower.ts';
import type { LogSource, SocketEnding } from './log-socket.ts';

const PATIENCE_MS = 15_000;

/** A server that sends `log` in pieces; each connection ends after some of them, as `script` says. */
class FlakyServer {
  readonly clock = new ManualClock();
  readonly #log: string;
  readonly #script: { pieces: number; ending: SocketEnding }[];
  /** How often it is away before it answers again. */
  #absences: number;
  #checks = 0;
  open = 0;
  readonly offsets: number[] = [];

  constructor(log: string, script: { pieces: number; ending: SocketEnding }[], absences = 0) {
    this.#log = log;
    this.#script = [...script];
    this.#absences = absences;
  }

  connect = (offset: number): LogSource => {
    this.offsets.push(offset);
    this.open += 1;
    const { pieces, ending } = this.#script.shift() ?? { pieces: Number.POSITIVE_INFINITY, ending: 'over' as const };
    let at = offset;
    let left = pieces;
    return {
      next: async () => {
        if (at >= this.#log.length) return 'over';
        if (left-- <= 0) return ending;
        const text = this.#log.slice(at, at + 3);
        at += text.length;
        return { text, nextOffset: at };
      },
      [Symbol.dispose]: () => {
        this.open -= 1;
      },
    };
  };

  check = async (): Promise<void> => {
    if (this.#checks++ === 0 || this.#absences-- <= 0) return;
    throw new ServerUnreachableError('get job "a"', 'http://x', { refused: true, fact: 'refused', cause: undefined });
  };

  async read(signal?: AbortSignal): Promise<string> {
    const { connect, check, clock } = this;
    let text = '';
    const reading = (async () => {
      for await (const chunk of followLog({ connect, check, clock, patienceMs: PATIENCE_MS, offset: 0, signal }))
        text += chunk.text;
    })();
    const ended = reading.then(
      () => true,
      () => true,
    );
    while (!(await Promise.race([ended, new Promise((resolve) => setImmediate(resolve, false))]))) clock.advance(500);
    await reading;
    return text;
  }

  [Symbol.dispose](): void {
    assert.equal(this.open, 0, 'a connection is left');
    assert.equal(this.clock.pendingTimers, 0, 'a timer is left');
  }
}

test('a log comes once and in order, wherever its connections break', async () => {
  const anyScript = fc.array(
    fc.record({ pieces: fc.nat(3), ending: fc.constantFrom<SocketEnding>('dropped', 'behind') }),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 30 }), anyScript, async (log, script) => {
      using server = new FlakyServer(log, script);
      assert.equal(await server.read(), log);
    }),
    { numRuns: 40 },
  );
});

test('a server that is away for a while is waited for', async () => {
  using server = new FlakyServer('abcdef', [{ pieces: 1, ending: 'dropped' }], 4);
  assert.equal(await server.read(), 'abcdef');
  assert.deepEqual(server.offsets, [0, 3]);
});

test('a server that stays away is given up', async () => {
  using server = new FlakyServer('abcdef', [{ pieces: 1, ending: 'dropped' }], Number.POSITIVE_INFINITY);
  await assert.rejects(server.read(), ServerUnreachableError);
  assert.ok(server.clock.monotonicMs() >= PATIENCE_MS);
});

test('a refusal is final: nobody waits for a job that is gone', async () => {
  using server = new FlakyServer('abcdef', [{ pieces: 1, ending: 'dropped' }]);
  let checks = 0;
  server.check = async () => {
    if (++checks > 1)
      throw new RequestFailedError('get job "a"', { status: 404, code: 'JOB_NOT_FOUND', text: 'x', retryable: false });
  };
  await assert.rejects(server.read(), { code: 'JOB_NOT_FOUND' });
  assert.equal(checks, 2);
});

test('an aborted signal ends the waiting for a lost server', async () => {
  using server = new FlakyServer('abcdef', [{ pieces: 1, ending: 'dropped' }], Number.POSITIVE_INFINITY);
  const leaving = new AbortController();
  const timer = server.clock.after(2_000, () => leaving.abort(new Error('enough')));
  await assert.rejects(server.read(leaving.signal), { message: 'enough' });
  timer.cancel();
});
