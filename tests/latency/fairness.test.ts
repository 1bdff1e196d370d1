/** Threads that watch serve everybody else all the same; threads with nothing to do do nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuntimeOptions } from '@heddle/actors';
import { delay, realClock } from '@heddle/base';
import { RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Sink, Source } from './actors/stream.ts';

const MODES: readonly NonNullable<RuntimeOptions['latency']>[] = ['low', 'balanced', 'idle'];
const STREAM_MS = 500;
const TIMER_MS = 10;

/** On a machine whose processors have others to run, a median says what the thread does, and a maximum what they do. */
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function timed(act: () => PromiseLike<unknown>): Promise<number> {
  const start = realClock.monotonicMs();
  await act();
  return realClock.monotonicMs() - start;
}

for (const latency of MODES) {
  for (const atOnce of [1, 1_000]) {
    test(`with latency "${latency}", under an endless stream of calls, ${atOnce} at a time, timers, the control port and a neighbour are served`, async () => {
      await using harness = await RuntimeHarness.start({ workers: 3, latency });
      // Each goes to the first of the threads with the fewest actors: the neighbour to the thread of the sink.
      const [sink, source, idler, neighbour] = [Sink.remote(), Source.remote(), Sink.remote(), Sink.remote()];
      await valuesOf([sink.take.remote(), source.ready.remote(), idler.take.remote(), neighbour.take.remote()]);
      const [busyThread, , idleThread] = harness.workerIds;
      const streamed = source.stream.remote(sink, atOnce);
      await valuesOf([neighbour.startTimer.remote(TIMER_MS), idler.startTimer.remote(TIMER_MS)]);

      const [pings, calls, idlePings]: [number[], number[], number[]] = [[], [], []];
      const start = realClock.monotonicMs();
      while (realClock.monotonicMs() - start < STREAM_MS) {
        pings.push(await timed(() => harness.runtime.pingWorker(busyThread!)));
        calls.push(await timed(() => neighbour.take.remote()));
        idlePings.push(await timed(() => harness.runtime.pingWorker(idleThread!)));
      }
      const seconds = (realClock.monotonicMs() - start) / 1_000;
      const [fired, idleFired] = await valuesOf([neighbour.stopTimer.remote(), idler.stopTimer.remote()]);

      // A machine that has others to run serves no thread so soon: then the idle thread is the measure.
      const limitMs = Math.max(20, 4 * median(idlePings));
      assert.ok(median(pings) <= limitMs, `a ping took ${median(pings)} ms, limit ${limitMs}`);
      assert.ok(median(calls) <= limitMs, `a call of a neighbour took ${median(calls)} ms, limit ${limitMs}`);
      const leastFired = Math.min(50 * seconds, 0.5 * idleFired);
      assert.ok(
        fired >= leastFired,
        `a timer of ${TIMER_MS} ms fired ${fired} times in ${seconds} s, least ${leastFired}`,
      );
      await source.stop.remote();
      assert.ok((await streamed) > 0);
    });
  }
}

test('a runtime with nothing to do does nothing', async () => {
  for (const latency of MODES) {
    await using _ = await RuntimeHarness.start({ latency });
    const sinks = [Sink.remote(), Sink.remote()];
    for (let round = 0; round < 200; round++) for (const sink of sinks) await sink.take.remote();
    await delay(realClock, 100); // What calls have left to do: collecting, compiling.
    const before = process.cpuUsage();
    await delay(realClock, 1_000);
    const { user, system } = process.cpuUsage(before);
    const busyMs = (user + system) / 1_000;
    assert.ok(busyMs < 100, `with latency "${latency}" an idle second took ${busyMs} ms of the processor`);
  }
});
