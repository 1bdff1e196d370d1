/**
 * The calls of one route that came back from an incarnation that is over, until the driver says what becomes of its
 * actor. Made when the first of them comes: most actors never die.
 */
import type { PendingCall } from './pending-call.ts';

export class StrandedCalls {
  /** Not begun: they go to the next incarnation. */
  returned: PendingCall[] = [];
  /** Begun, and not answered. */
  lost: PendingCall[] = [];
  /** Not begun, and without the arguments that moved with them. */
  gone: PendingCall[] = [];

  unbegun(call: PendingCall): void {
    (call.transfers.length > 0 ? this.gone : this.returned).push(call);
  }

  /** Takes out what was cancelled: it is not run again, and has not died. */
  takeCancelled(): PendingCall[] {
    const cancelled = [...this.lost, ...this.gone, ...this.returned].filter((call) => call.isCancelled);
    if (cancelled.length > 0) {
      this.lost = this.lost.filter((call) => !call.isCancelled);
      this.gone = this.gone.filter((call) => !call.isCancelled);
      this.returned = this.returned.filter((call) => !call.isCancelled);
    }
    return cancelled;
  }
}
