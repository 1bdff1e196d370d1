import { type ActorHandle, remote } from 'heddle';

export type Row = readonly boolean[];

type Side = 'top' | 'bottom';

/** What the strips ask of each other. Written down, since TypeScript could not infer the type of a class from itself. */
interface Neighbour {
  edge(generation: number, side: Side): Promise<Row>;
}

/**
 * A strip of the board: some rows, and the generation they are of. To take a step it needs the edges of both neighbours
 * at its own generation; who is asked for a generation that is not there yet waits until it is.
 */
export const Strip = remote(
  import.meta,
  class Strip implements Neighbour {
    #rows: readonly Row[];
    #above: ActorHandle<Neighbour> | undefined;
    #below: ActorHandle<Neighbour> | undefined;
    /** By generation, of this one and the one before: no neighbour is further behind. */
    readonly #edges = new Map<number, Readonly<Record<Side, Row>>>();
    #generation = 0;
    #moved = Promise.withResolvers<void>();

    constructor(rows: readonly Row[]) {
      this.#rows = rows;
      this.#remember();
    }

    async join(above: ActorHandle<Neighbour>, below: ActorHandle<Neighbour>): Promise<void> {
      this.#above = above;
      this.#below = below;
    }

    async advance(generations: number): Promise<void> {
      for (let step = 0; step < generations; step++) {
        const [above, below] = await Promise.all([
          this.#above!.edge.remote(this.#generation, 'bottom'),
          this.#below!.edge.remote(this.#generation, 'top'),
        ]);
        this.#rows = nextRows(above, this.#rows, below);
        this.#generation++;
        this.#remember();
      }
    }

    async edge(generation: number, side: Side): Promise<Row> {
      while (this.#generation < generation) await this.#moved.promise;
      return this.#edges.get(generation)![side];
    }

    async rows(): Promise<readonly Row[]> {
      return this.#rows;
    }

    #remember(): void {
      this.#edges.set(this.#generation, { top: this.#rows[0]!, bottom: this.#rows.at(-1)! });
      this.#edges.delete(this.#generation - 2);
      this.#moved.resolve();
      this.#moved = Promise.withResolvers<void>();
    }
  },
);

/** The rows one generation later. The board has no edge at left and right: it goes on at the other side. */
function nextRows(above: Row, rows: readonly Row[], below: Row): Row[] {
  const all = [above, ...rows, below];
  return rows.map((row, y) =>
    row.map((isAlive, x) => {
      const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => all[y + 1 + dy]!.at((x + dx) % row.length)));
      const neighbours = around.filter(Boolean).length - (isAlive ? 1 : 0);
      return neighbours === 3 || (isAlive && neighbours === 2);
    }),
  );
}
