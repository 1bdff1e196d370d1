/** Says how much heap its thread uses after a forced collection: an actor, so that it can be asked in any thread. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { remote } from 'heddle';

export class HeapProbe {
  usedAfterCollection(): number {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (options: object) => void;
    for (let times = 0; times < 3; times++) collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    return process.memoryUsage().heapUsed;
  }
}

export const RemoteHeapProbe = remote(import.meta, HeapProbe);
