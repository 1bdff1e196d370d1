/** Many actors: how fast they are made, what one costs, and what calls cost among many. */
import type { Workload } from '../workload.ts';

export const ACTORS: readonly Workload[] = [
  {
    name: 'actor-creation',
    group: 'actors',
    title: 'actors created, called once and answered, 2,000 at a time',
    unit: 'actors/s',
    better: 'higher',
    target: '≥ 200,000/s',
    warmUpFactor: 6, // What makes, watches and ends actors is compiled after some 100,000 of them.
    arms: [
      { name: 'bare postMessage', side: 'light', program: 'create-bare.ts' },
      { name: 'heddle', side: 'heddle', program: 'create.ts' },
    ],
  },
  {
    name: 'actor-memory',
    group: 'actors',
    title: 'resident memory of an idle actor, its handle included',
    unit: 'bytes',
    better: 'lower',
    target: '≤ 1,200 bytes',
    arms: [{ name: 'heddle', side: 'heddle', program: 'memory.ts', nodeFlags: ['--expose-gc'] }],
  },
  {
    name: 'million-actors',
    group: 'actors',
    title: 'calls to 1,000,000 live actors by turns, 1,000 in flight (quick: 100,000 actors)',
    unit: 'calls/s',
    better: 'higher',
    target: 'no slower than half of the calls to one of them',
    roundsInside: true,
    arms: [
      {
        name: 'heddle',
        side: 'heddle',
        program: 'many-actors.ts',
        settings: { actors: 1_000_000 },
        nodeFlags: ['--max-old-space-size=8192'],
      },
    ],
  },
  {
    name: 'supervisors',
    group: 'actors',
    title: '10,000 detached actors in the system thread, all pinged once a second: time of one sweep',
    unit: 'ms per sweep',
    better: 'lower',
    target: 'within the second, < 10 % of a core',
    roundsInside: true,
    arms: [{ name: 'heddle', side: 'heddle', program: 'supervisors.ts' }],
  },
];
