import type { PendingCall } from './pending-call.ts';
import type { Verdict } from './verdict.ts';

/** The calls of a route that came back from an incarnation that is over. */
export interface StrandedCalls {
  /** Not begun: they go to the next incarnation. */
  readonly returned: PendingCall[];
  /** Begun, and not answered. */
  readonly lost: readonly PendingCall[];
  /** Not begun, and without the arguments that moved with them. */
  readonly gone: readonly PendingCall[];
  /** Whatever became of them, nobody wants them any more. */
  readonly cancelled: readonly PendingCall[];
}

/** What one route must remember when something has gone wrong, or may. Made when it does: most actors never die. */
export class RouteTrouble {
  isRestarting = false;
  /** Why the last incarnation ended. */
  lastCause: unknown;
  /** Told when the actor is dead. */
  readonly watchers: ((cause: unknown) => void)[] = [];
  /** What the driver has said, in order, until nothing is in flight. */
  verdicts: Verdict[] = [];
  #returned: PendingCall[] = [];
  #lost: PendingCall[] = [];
  #gone: PendingCall[] = [];

  /** A call came back that had not begun. */
  unbegun(call: PendingCall): void {
    (call.transfers.length > 0 ? this.#gone : this.#returned).push(call);
  }

  /** A call came back that had. */
  interrupted(call: PendingCall): void {
    this.#lost.push(call);
  }

  takeVerdicts(): readonly Verdict[] {
    const { verdicts } = this;
    if (verdicts.length > 0) this.verdicts = [];
    return verdicts;
  }

  takeCalls(): StrandedCalls {
    const all = { returned: this.#returned, lost: this.#lost, gone: this.#gone };
    this.#returned = [];
    this.#lost = [];
    this.#gone = [];
    return {
      returned: all.returned.filter((call) => !call.isCancelled),
      lost: all.lost.filter((call) => !call.isCancelled),
      gone: all.gone.filter((call) => !call.isCancelled),
      cancelled: [...all.lost, ...all.gone, ...all.returned].filter((call) => call.isCancelled),
    };
  }
}
