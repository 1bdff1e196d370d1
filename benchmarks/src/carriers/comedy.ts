/** Comedy's threaded actor. It ships the class as text, so its worker checks no values: a little less work than the rest. */
import { createSystem } from 'comedy';
import type { OpenCarrier } from './carrier.ts';

class Counter {
  count = 0;
  take(): number {
    this.count++;
    return this.count;
  }
}

const silent = { isDebug: () => false, debug() {}, info() {}, warn() {}, error() {} };

export const open: OpenCarrier = async () => {
  const system = createSystem({ log: silent } as never);
  const root = await system.rootActor();
  const actor = await root.createChild(Counter, { mode: 'threaded' });
  return {
    take: (value) => actor.sendAndReceive('take', value) as Promise<number>,
  };
};
