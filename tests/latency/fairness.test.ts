/** Threads that watch serve everybody else all the same; threads with nothing to do do nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuntimeOptions } from '@heddle/actors';
import { delay, realClock } from '@heddle/base';
import { RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Sink, Source } from './actors/stream.ts';

const MODES: readonly NonNullable<RuntimeOptions['latency']>[] = ['low', 'balanced', 'idle'];
const STREAM_MS = 500;
/** With less of a processor than this a single long turn, of a collection or a compilation, decides how often a timer fires. */
const PROCESSOR_MS = 150;
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
      await using harness = await RuntimeHarness.start({ workers: 2, latency });
      // Each goes to the first of the threads with the fewest actors: the neighbour to the thread of the sink.
      const [sink, source, neighbour] = [Sink.remote(), Source.remote(), Sink.remote()];
      await valuesOf([sink.take.remote(), source.ready.remote(), neighbour.take.remote()]);
      const [busyThread] = harness.workerIds;
      const streamed = source.stream.remote(sink, atOnce);
      await neighbour.startTimer.remote(TIMER_MS);

      const [pings, calls]: [number[], number[]] = [[], []];
      const start = realClock.monotonicMs();
      const isOver = async () =>
        realClock.monotonicMs() - start >= STREAM_MS && (await neighbour.processorMs.remote()) >= PROCESSOR_MS;
      while (!(await isOver())) {
        pings.push(await timed(() => harness.runtime.pingWorker(busyThread!)));
        calls.push(await timed(() => neighbour.take.remote()));
      }
      const passedMs = realClock.monotonicMs() - start;
      const { fired, processorMs } = await neighbour.stopTimer.remote();

      // A thread that has half of a processor serves half as soon. With less than a fifth, on a machine that is
      // overloaded, how long an answer takes says nothing of the thread; what it does with its time still does.
      const share = Math.min(1, processorMs / passedMs);
      const limitMs = share < 0.2 ? Number.POSITIVE_INFINITY : 20 / share;
      assert.ok(median(pings) <= limitMs, `a ping took ${median(pings)} ms, limit ${limitMs}`);
      assert.ok(median(calls) <= limitMs, `a call of a neighbour took ${median(calls)} ms, limit ${limitMs}`);
      const leastFired = (50 * share * passedMs) / 1_000;
      assert.ok(fired >= leastFired, `a timer of ${TIMER_MS} ms fired ${fired} times, at least ${leastFired} expected`);
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
