/** What a runtime does beside calls of one actor: waiting inside, streams, tasks, fairness, start, idleness. */
import type { Arm, Workload } from '../workload.ts';

const piscina = (shape: string, tasksPerWorker: number): Arm => ({
  name: tasksPerWorker === 1 ? 'piscina' : `piscina, ${tasksPerWorker.toLocaleString('en')} per worker`,
  side: 'peer',
  program: 'tasks-piscina.ts',
  settings: { shape, tasksPerWorker },
});

const bareCalls = (shape: string, isAsync = false): Arm => ({
  name: 'bare postMessage',
  side: 'light',
  program: 'calls.ts',
  settings: { carrier: 'post-message', shape, value: 'nothing', isAsync },
});

export const RUNNING: readonly Workload[] = [
  {
    name: 'async-waits',
    group: 'async',
    title: 'calls of an async actor, 1,000 waiting inside at once',
    unit: 'calls/s',
    better: 'higher',
    target: '≥ 1,000,000/s where bare gives 500,000/s',
    arms: [bareCalls('in flight', true), { name: 'heddle', side: 'heddle', program: 'async-waits.ts' }],
  },
  {
    name: 'generator',
    group: 'async',
    title: 'items of a streaming generator, each awaited',
    unit: 'items/s',
    better: 'higher',
    target: '≥ 500,000/s',
    arms: [
      { name: 'bare postMessage', side: 'light', program: 'stream-bare.ts' },
      { name: 'heddle', side: 'heddle', program: 'stream.ts' },
    ],
  },
  {
    name: 'tasks',
    group: 'tasks',
    title: 'remote functions, 1,000 in flight',
    unit: 'tasks/s',
    better: 'higher',
    target: '≥ 3 × the best of piscina',
    arms: [
      bareCalls('in flight'),
      { name: 'heddle', side: 'heddle', program: 'tasks.ts', settings: { shape: 'in flight' } },
      {
        name: 'heddle, tracing "off"',
        side: 'heddle',
        program: 'tasks.ts',
        settings: { shape: 'in flight', tracing: 'off' },
      },
      ...[1, 10, 100, 1000].map((each) => piscina('in flight', each)),
    ],
  },
  {
    name: 'task-round-trip',
    group: 'tasks',
    title: 'remote functions, one at a time',
    unit: 'µs per task',
    warmUpFactor: 4,
    better: 'lower',
    arms: [
      bareCalls('one at a time'),
      { name: 'heddle', side: 'heddle', program: 'tasks.ts', settings: { shape: 'one at a time' } },
      piscina('one at a time', 1),
    ],
  },
  {
    name: 'fairness',
    group: 'fairness',
    title: 'a quiet actor beside a flooded one on its thread: 99th percentile of its calls',
    unit: 'µs',
    better: 'lower',
    timeFactor: 2,
    arms: [
      { name: 'bare postMessage, one port', side: 'light', program: 'fairness.ts', settings: { isBare: true } },
      { name: 'heddle', side: 'heddle', program: 'fairness.ts' },
    ],
  },
  {
    name: 'cold-start',
    group: 'start',
    title: 'a program from the start of its process to the first answer of another thread',
    unit: 'ms',
    better: 'lower',
    target: '≤ 60 ms beyond bare',
    arms: [
      { name: 'bare Worker', side: 'light', program: 'cold-start.ts', settings: { program: 'bare.mjs' } },
      { name: 'heddle', side: 'heddle', program: 'cold-start.ts', settings: { program: 'heddle.mjs' } },
    ],
  },
  {
    name: 'idle',
    group: 'start',
    title: 'processor time of a runtime with 1,000 actors that does nothing',
    unit: 'ms per second',
    better: 'lower',
    target: 'about 0',
    arms: [
      { name: 'bare Worker', side: 'other', program: 'idle.ts', settings: { isBare: true } },
      { name: 'heddle', side: 'heddle', program: 'idle.ts' },
      { name: 'heddle, latency "low"', side: 'heddle', program: 'idle.ts', settings: { latency: 'low' } },
    ],
  },
];
