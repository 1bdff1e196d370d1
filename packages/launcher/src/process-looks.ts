/**
 * Looks at all processes, shared: who asks while one is under way gets the next, so what anybody is told was
 * looked up after they asked, and a hundred stops at once cost no more looks than one.
 */
import { lookAtProcesses, type ProcessLook } from './process-table.ts';

export class ProcessLooks {
  #running: Promise<unknown> | undefined;
  #next: Promise<ProcessLook> | undefined;

  look(): Promise<ProcessLook> {
    this.#next ??= this.#begin();
    return this.#next;
  }

  async #begin(): Promise<ProcessLook> {
    await this.#running;
    this.#next = undefined; // Who asks from here on has come too late for this one.
    const looking = lookAtProcesses();
    this.#running = looking;
    return looking;
  }
}
