/** Calls of one actor by the driver, beside bare `postMessage` and the peers. */
import type { Arm, Surroundings, Workload } from '../workload.ts';

type Shape = 'one at a time' | 'in flight';

interface CallSettings {
  readonly shape: Shape;
  readonly value: string;
  readonly isAsync?: boolean;
}

export const arm = (
  name: string,
  side: Arm['side'],
  carrier: string,
  settings: CallSettings & { readonly latency?: string },
  surroundings: Surroundings = 'alone',
): Arm => ({ name, side, program: 'calls.ts', settings: { carrier, ...settings }, surroundings });

const light = (settings: CallSettings, surroundings?: Surroundings) =>
  arm('bare postMessage', 'light', 'post-message', settings, surroundings);
const heddle = (settings: CallSettings, surroundings?: Surroundings) =>
  arm('heddle', 'heddle', 'heddle', settings, surroundings);
const modes = (settings: CallSettings, surroundings?: Surroundings) =>
  ['low', 'idle'].map((latency) =>
    arm(`heddle, latency "${latency}"`, 'heddle', 'heddle', { ...settings, latency }, surroundings),
  );
const peers = (settings: CallSettings) => [
  arm('piscina', 'peer', 'piscina', settings),
  arm('piscina, 1,000 per worker', 'peer', 'piscina-1000', settings),
  arm('comlink', 'peer', 'comlink', settings),
  arm('tinypool', 'peer', 'tinypool', settings),
  arm('workerpool', 'peer', 'workerpool', settings),
  arm('poolifier', 'peer', 'poolifier', settings),
  arm('threads.js', 'peer', 'threads', settings),
  arm('comedy, threaded', 'peer', 'comedy', settings),
  arm('nact (same thread)', 'other', 'nact', settings),
];
const pair = (settings: CallSettings, surroundings?: Surroundings) => [
  light(settings, surroundings),
  heddle(settings, surroundings),
];

const ONE: CallSettings = { shape: 'one at a time', value: 'nothing' };
const MANY: CallSettings = { shape: 'in flight', value: 'nothing' };
const US = { unit: 'µs per call', better: 'lower', group: 'calls', warmUpFactor: 4 } as const;
const RATE = { unit: 'calls/s', better: 'higher', group: 'calls' } as const;

export const CALLS: readonly Workload[] = [
  {
    ...US,
    name: 'round-trip',
    title: 'one call at a time, each awaited',
    target: '≥ 10 × bare postMessage',
    arms: [light(ONE), heddle(ONE), ...modes(ONE), ...peers(ONE)],
  },
  {
    ...RATE,
    name: 'pipelined',
    title: '1,000 calls in flight, every ref awaited',
    target: '≥ 5 × bare postMessage, ≥ 10 × the best peer',
    arms: [light(MANY), heddle(MANY), ...modes(MANY), ...peers(MANY)],
  },
  {
    ...RATE,
    name: 'pipelined-object',
    title: '1,000 in flight, a nested object of ten fields each',
    target: '≥ 2 × bare postMessage',
    arms: pair({ ...MANY, value: 'object' }),
  },
  {
    ...RATE,
    name: 'pipelined-string',
    title: '1,000 in flight, a string of 1 KB each',
    target: '≥ 2 × bare postMessage',
    arms: pair({ ...MANY, value: 'string' }),
  },
  {
    ...RATE,
    name: 'pipelined-bytes',
    title: '1,000 in flight, a Uint8Array of 64 KB each',
    target: '≥ 1 × bare postMessage',
    arms: pair({ ...MANY, value: 'bytes' }),
  },
  {
    ...US,
    name: 'round-trip-async',
    title: 'one call at a time of an async method',
    target: '≥ 5 × bare postMessage',
    arms: pair({ ...ONE, isAsync: true }),
  },
  {
    ...RATE,
    name: 'pipelined-async',
    title: '1,000 in flight of an async method',
    target: '≥ 0.9 × bare postMessage',
    arms: pair({ ...MANY, isAsync: true }),
  },
  {
    ...US,
    name: 'round-trip-one-core',
    warmUpFactor: 8, // Compiling has no processor to itself.
    title: 'one call at a time, held to one processor',
    target: '≥ 0.9 × bare postMessage',
    arms: pair(ONE, 'one core'),
  },
  {
    ...RATE,
    name: 'pipelined-one-core',
    title: '1,000 in flight, held to one processor',
    target: '≥ 0.9 × bare postMessage',
    arms: pair(MANY, 'one core'),
  },
  {
    ...US,
    name: 'round-trip-busy',
    warmUpFactor: 8, // Compiling has no processor to itself.
    title: 'one call at a time beside two busy processes',
    target: '≥ 0.9 × bare postMessage',
    arms: pair(ONE, 'busy'),
  },
  {
    ...RATE,
    name: 'pipelined-busy',
    title: '1,000 in flight beside two busy processes',
    target: '≥ 0.9 × bare postMessage',
    arms: pair(MANY, 'busy'),
  },
];
