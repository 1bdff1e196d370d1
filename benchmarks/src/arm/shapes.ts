/** The two shapes in which calls are made: one at a time, and many in flight with every answer awaited. */
import type { Piece, Tally } from './measure.ts';

export type Call = (index: number) => PromiseLike<number>;

/** Each call awaited before the next is made. The time of every fourth is kept. */
export function oneAtATime(call: Call, tally: Tally): Piece {
  let index = 0;
  return async () => {
    for (let i = 0; i < 25; i++) {
      for (let j = 0; j < 3; j++) tally.add(await call(index++));
      const start = performance.now();
      tally.add(await call(index++));
      tally.latenciesUs.push((performance.now() - start) * 1000);
    }
    return 100;
  };
}

/** `depth` calls made, then each of them awaited. The time of every 64th is kept. */
export function inFlight(depth: number, call: Call, tally: Tally): Piece {
  let index = 0;
  return async () => {
    const calls = new Array<PromiseLike<number>>(depth);
    const startedAt: number[] = [];
    for (let i = 0; i < depth; i++) {
      if (i % 64 === 0) startedAt.push(performance.now());
      calls[i] = call(index++);
    }
    for (let i = 0; i < depth; i++) {
      tally.add(await calls[i]!);
      if (i % 64 === 0) tally.latenciesUs.push((performance.now() - startedAt[i / 64]!) * 1000);
    }
    return depth;
  };
}
