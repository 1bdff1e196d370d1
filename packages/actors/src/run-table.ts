/** The latest runs of tasks and calls in one thread, in arrays of numbers, as `TaskTable` keeps tasks. */
import { type ClassDeclaration, nameOf } from './class-declaration.ts';
import type { TracedRun } from './task-trace.ts';

/** So many runs are kept. */
const RUNS_KEPT = 4_096;

export class RunTable {
  readonly #serials = new Float64Array(RUNS_KEPT).fill(-1);
  readonly #owners = new Int32Array(RUNS_KEPT);
  readonly #orders = new Float64Array(RUNS_KEPT);
  readonly #methods = new Uint32Array(RUNS_KEPT);
  readonly #began = new Float64Array(RUNS_KEPT);
  /** 0: it runs. */
  readonly #ended = new Float64Array(RUNS_KEPT);
  readonly #declarations: ClassDeclaration[] = [];
  /** By serial. */
  readonly #waits = new Map<number, number[]>();
  #made = 0;

  begin(owner: number, order: number, declaration: ClassDeclaration, method: number, atMs: number): number {
    const serial = this.#made++;
    const row = serial % RUNS_KEPT;
    if (this.#waits.size > 0) this.#waits.delete(this.#serials[row]!);
    this.#serials[row] = serial;
    this.#owners[row] = owner;
    this.#orders[row] = order;
    this.#declarations[row] = declaration;
    this.#methods[row] = method;
    this.#began[row] = atMs;
    this.#ended[row] = 0;
    return serial;
  }

  /** It waits for refs, or goes on. */
  turn(serial: number, atMs: number): void {
    if (this.#serials[serial % RUNS_KEPT] !== serial) return;
    const waits = this.#waits.get(serial);
    if (waits === undefined) this.#waits.set(serial, [atMs]);
    else waits.push(atMs);
  }

  end(serial: number, atMs: number): void {
    const row = serial % RUNS_KEPT;
    if (this.#serials[row] === serial) this.#ended[row] = atMs;
  }

  /** Oldest first. */
  list(): TracedRun[] {
    const rows = [...this.#serials.keys()].filter((row) => this.#serials[row] !== -1);
    return rows.sort((a, b) => this.#serials[a]! - this.#serials[b]!).map((row) => this.#read(row));
  }

  #read(row: number): TracedRun {
    const declaration = this.#declarations[row]!;
    return {
      owner: this.#owners[row]!,
      order: this.#orders[row]!,
      name: nameOf(declaration, this.#methods[row]!),
      isTask: declaration.isFunction === true,
      beganMs: this.#began[row]!,
      endedMs: this.#ended[row] === 0 ? undefined : this.#ended[row],
      waits: this.#waits.get(this.#serials[row]!) ?? [],
    };
  }
}
