/**
 * Writes what actors print to the driver's own output, each line with who printed it, and remembers the last
 * lines of each actor. Ray: `log_to_driver`.
 */
import type { ActorKey } from './protocol.ts';

/** How many lines of an actor the state API shows. */
const LINES_MAX = 100;
/** How many actors' lines are remembered; those that have not printed for longest are forgotten first. */
const ACTORS_MAX = 1_000;

/** Where lines go: the process's own streams, or a test's. */
export interface Output {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

export class ActorConsole {
  readonly #output: Output | undefined;
  readonly #lines = new Map<ActorKey, string[]>();

  /** `output` undefined: lines are remembered and not written. */
  constructor(output: Output | undefined) {
    this.#output = output;
  }

  /** `label` says who printed: the actor's class, its name or id, its thread. */
  print(actor: ActorKey, label: string, isError: boolean, text: string): void {
    const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
    if (actor !== -1) this.#remember(actor, lines);
    const stream = isError ? this.#output?.stderr : this.#output?.stdout;
    stream?.write(lines.map((line) => `(${label}) ${line}\n`).join(''));
  }

  /** The last lines that the actor printed, oldest first. */
  linesOf(actor: ActorKey): readonly string[] {
    return this.#lines.get(actor) ?? [];
  }

  #remember(actor: ActorKey, lines: readonly string[]): void {
    const all = [...(this.#lines.get(actor) ?? []), ...lines].slice(-LINES_MAX);
    this.#lines.delete(actor);
    this.#lines.set(actor, all);
    if (this.#lines.size > ACTORS_MAX) this.#lines.delete(this.#lines.keys().next().value!);
  }
}
