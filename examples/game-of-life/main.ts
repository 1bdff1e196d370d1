/**
 * Conway's game of life on a board that is cut into strips, each an actor.
 *
 *   node --conditions=heddle-source examples/game-of-life/main.ts
 *
 * The driver says how far to go and waits. The strips keep in step by themselves: each asks its neighbours for their edges,
 * so none is ever more than one generation ahead of another one beside it.
 */
import { get, init } from 'heddle';
import { type Row, Strip } from './actors.ts';

const STRIPS = 4;
const GENERATIONS = 48;

/** A glider on its way to a blinker. */
const BOARD = [
  '.#..............',
  '..#.............',
  '###.............',
  '................',
  '................',
  '...........#....',
  '...........#....',
  '...........#....',
  '................',
  '................',
  '................',
  '................',
];

await using _runtime = await init();
const board = BOARD.map((line): Row => [...line].map((cell) => cell === '#'));
const height = board.length / STRIPS;
const strips = Array.from({ length: STRIPS }, (_, at) => Strip.remote(board.slice(at * height, (at + 1) * height)));
await get(strips.map((strip, at) => strip.join.remote(strips.at(at - 1)!, strips[(at + 1) % STRIPS]!)));

await show(0);
await get(strips.map((strip) => strip.advance.remote(GENERATIONS)));
await show(GENERATIONS);

async function show(generation: number): Promise<void> {
  const rows = (await get(strips.map((strip) => strip.rows.remote()))).flat();
  console.log(`generation ${generation}`);
  for (const row of rows) console.log(row.map((isAlive) => (isAlive ? '#' : '.')).join(''));
}
