/** 10,000 detached actors in the system thread, each pinged once a second by one manager. */

import { setTimeout as sleep } from 'node:timers/promises';
import { init } from 'heddle';
import { Plain } from '../actors/plain.ts';
import { median } from '../statistics.ts';
import { runArmProgram } from './program.ts';

const PERIOD_MS = 1000;

await runArmProgram(async ({ isQuick }) => {
  const count = 10_000;
  const periods = isQuick ? 3 : 5;
  await using _runtime = await init();
  const options = { lifetime: 'detached', placement: 'system' } as const;
  const supervisors = Array.from({ length: count }, () => Plain.options(options).remote());
  const sweep = async (expected: number) => {
    const pings = supervisors.map((each) => each.ping.remote());
    for (const ping of pings) {
      if ((await ping) !== expected)
        throw new Error('Cannot trust this arm: a supervisor was not pinged once a period');
    }
  };
  await sweep(1);
  const sweepsMs: number[] = [];
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let period = 0; period < periods; period++) {
    const began = performance.now();
    await sweep(period + 2);
    sweepsMs.push(performance.now() - began);
    await sleep(Math.max(0, start + (period + 1) * PERIOD_MS - performance.now()));
  }
  const { user, system } = process.cpuUsage(cpu);
  const coreShare = (user + system) / 1000 / (performance.now() - start);
  return {
    value: median(sweepsMs),
    notes: { '% of a core': 100 * coreShare, 'slowest sweep ms': Math.max(...sweepsMs) },
  };
});
