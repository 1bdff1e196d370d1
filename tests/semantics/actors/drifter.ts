import { getRuntimeContext, remote } from '@heddle/actors';
import { waitAtGate } from '../../support/gate.ts';

export interface Place {
  readonly actorName: string | undefined;
  readonly taskId: string | undefined;
}

function here(): Place {
  const { actorName, taskId } = getRuntimeContext();
  return { actorName, taskId };
}

/** Outside the class, so that nothing about the class tells that its calls outlast their turn. */
async function lookTwice(gate: SharedArrayBuffer): Promise<Place[]> {
  const before = here();
  await waitAtGate(gate);
  return [before, here()];
}

/** Has no async method that can be seen from outside, and asks where it is before and after it has waited. */
export const Drifter = remote(
  import.meta,
  class Drifter {
    byHelper(gate: SharedArrayBuffer): Promise<Place[]> {
      return lookTwice(gate);
    }

    byPrivateMethod(gate: SharedArrayBuffer): Promise<Place[]> {
      return this.#hidden(gate);
    }

    /** Resolves when the call is cancelled. */
    untilCancelled(gate: SharedArrayBuffer): Promise<boolean> {
      return waitAtGate(gate).then(() => {
        const { signal } = getRuntimeContext();
        if (signal.aborted) return true;
        return new Promise<boolean>((resolve) => {
          signal.addEventListener('abort', () => resolve(signal.aborted), { once: true });
        });
      });
    }

    async #hidden(gate: SharedArrayBuffer): Promise<Place[]> {
      return await lookTwice(gate);
    }
  },
);
