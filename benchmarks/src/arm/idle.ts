/** Processor time of a process that does nothing, in milliseconds per second: with Heddle and 1,000 actors, or with a bare worker. */
import { setTimeout as sleep } from 'node:timers/promises';
import { init, type RuntimeOptions } from 'heddle';
import { Plain } from '../actors/plain.ts';
import { CARRIERS } from '../carriers/carriers.ts';
import { runArmProgram } from './program.ts';

const SETTLE_MS = 500;
/** Actors live while their handles are held. */
const held: object[] = [];

await runArmProgram(async ({ isQuick }, { isBare, latency }) => {
  await (isBare === true ? wakeBare() : wakeHeddle(latency as RuntimeOptions['latency']));
  await sleep(SETTLE_MS);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await sleep(isQuick ? 1000 : 2000);
  const { user, system } = process.cpuUsage(cpu);
  return { value: (user + system) / (performance.now() - start) };
});

async function wakeBare(): Promise<void> {
  const carrier = await (await CARRIERS['post-message']!()).open({ isAsync: false });
  for (let i = 0; i < 1000; i++) await carrier.take(undefined);
}

async function wakeHeddle(latency: RuntimeOptions['latency']): Promise<void> {
  await init({ latency });
  const actors = Array.from({ length: 1000 }, () => Plain.remote());
  for (const actor of actors) await actor.ping.remote();
  held.push(...actors);
}
