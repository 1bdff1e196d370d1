/** Six programs of the Savina suite, beside bare messages between two threads that do the same number of hops. */
import type { Arm, Workload } from '../workload.ts';

const bare = (chains: number, messages: number, unit: 'rate' | 'µs', hopsPerMessage = 1): Arm => ({
  name: 'bare postMessage',
  side: 'light',
  program: 'bare-threads.ts',
  settings: { chains, messages, unit, hopsPerMessage },
});

const savina = (name: string, title: string, unit: string, light: Arm): Workload => ({
  name,
  group: 'savina',
  warmUpFactor: 3,
  title,
  unit,
  better: unit.startsWith('µs') ? 'lower' : 'higher',
  ...(unit.startsWith('µs') ? { target: '≤ 5 µs a hop' } : {}),
  arms: [light, { name: 'heddle', side: 'heddle', program: 'savina.ts', settings: { program: name } }],
});

export const SAVINA: readonly Workload[] = [
  savina(
    'thread-ring',
    'thread ring: 100 actors on two threads hand on one message',
    'µs per hop',
    bare(1, 1000, 'µs', 2),
  ),
  savina('ping-pong', 'ping-pong: two actors on two threads', 'µs per hop', bare(1, 500, 'µs', 2)),
  savina('counting', 'counting: one actor sends another messages to count', 'messages/s', bare(1000, 10_000, 'rate')),
  savina(
    'fork-join-throughput',
    'fork-join, throughput: 100 messages to each of 60 actors',
    'messages/s',
    bare(6000, 6000, 'rate'),
  ),
  savina('fork-join-creation', 'fork-join, creation: 1,000 actors made, one message each', 'actors/s', {
    name: 'bare postMessage',
    side: 'light',
    program: 'create-bare.ts',
  }),
  savina('big', 'big: 120 actors ping each other, each one at a time', 'pings/s', bare(120, 6000, 'rate')),
];
