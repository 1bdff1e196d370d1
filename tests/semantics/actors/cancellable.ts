import { type ActorHandle, getRuntimeContext, remote } from '@heddle/actors';
import { count, waitAtGate } from '../../support/gate.ts';

/** Sees that it is cancelled, and counts what began. */
export const Cancellable = remote(
  import.meta,
  class Cancellable {
    /** Ends when it is cancelled, or when the gate opens. */
    async run(gate: SharedArrayBuffer, tally: SharedArrayBuffer): Promise<string> {
      count(tally, 0);
      const { signal } = getRuntimeContext();
      const aborted = new Promise<string>((resolve) => {
        signal.addEventListener('abort', () => resolve('aborted'), { once: true });
      });
      const outcome = await Promise.race([aborted, waitAtGate(gate).then(() => 'through')]);
      if (outcome === 'aborted') count(tally, 1);
      return outcome;
    }

    async throwWhenCancelled(gate: SharedArrayBuffer): Promise<never> {
      await waitAtGate(gate);
      getRuntimeContext().signal.throwIfAborted();
      throw new Error('not cancelled');
    }

    async runChild(
      child: ActorHandle<typeof Cancellable>,
      gate: SharedArrayBuffer,
      tally: SharedArrayBuffer,
    ): Promise<string> {
      return await child.run.remote(gate, tally);
    }

    async ids(): Promise<readonly [string | undefined, string | undefined]> {
      const before = getRuntimeContext().taskId;
      await Promise.resolve();
      return [before, getRuntimeContext().taskId];
    }

    isAborted(): boolean {
      return getRuntimeContext().signal.aborted;
    }
  },
);
