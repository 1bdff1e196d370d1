/** The examples that people start from: each runs, ends by itself, and comes to the right result. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { ENVIRONMENT, EXAMPLES, NODE_FLAGS, runExample } from '../support/run-example.ts';

async function linesOf(name: string, args: readonly string[] = []): Promise<string[]> {
  const { output, error } = await runExample(programOf(name), args);
  assert.equal(error, undefined);
  return output.trimEnd().split('\n');
}

const programOf = (name: string): string => join(EXAMPLES, name, 'main.ts');

test('each example says in a README what it is and how to run it', () => {
  const programs = readdirSync(EXAMPLES).filter((name) => name !== 'demo' && existsSync(programOf(name)));
  assert.ok(programs.length >= 5);
  for (const name of programs) {
    const readme = readFileSync(join(EXAMPLES, name, 'README.md'), 'utf8');
    assert.ok(readme.includes(`examples/${name}/main.ts`), `${name}/README.md tells the command`);
  }
});

test('parameter-server learns the weights that made the data', async () => {
  const lines = await linesOf('parameter-server');
  const losses = lines.filter((line) => line.startsWith('round ')).map((line) => Number(line.split('loss ')[1]));
  assert.ok(losses.length > 2 && losses.at(-1)! < losses[0]! / 1_000, losses.join(' '));
  const [learned, real] = lines.slice(-2).map((line) => line.split(':')[1]!.trim());
  assert.equal(learned, real);
});

test('map-reduce counts what counting in one loop counts', async () => {
  const docs = join(EXAMPLES, '..', 'docs');
  const files = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
  const words = files.flatMap(
    (file) =>
      readFileSync(join(docs, file), 'utf8')
        .toLowerCase()
        .match(/\p{L}{3,}/gu) ?? [],
  );
  const counts = Map.groupBy(words, (word) => word);
  const [first, ...top] = await linesOf('map-reduce');
  assert.equal(first, `${files.length} files, ${words.length} words, ${counts.size} different ones`);
  const most = [...counts].map(([word, all]) => [word, all.length] as const).sort(([, a], [, b]) => b - a);
  assert.equal(top.length, 5);
  assert.deepEqual(
    top.map((line) => Number(line.split(' ')[1])),
    most.slice(0, 5).map(([, count]) => count),
  );
  for (const line of top) assert.equal(counts.get(line.split(' ')[0]!)?.length, Number(line.split(' ')[1]));
});

test('crawler finds every page once and is never more at once than its pool', async () => {
  assert.deepEqual(await linesOf('crawler'), [
    '120 pages, 12 broken links',
    'most linked: /10, from 3 pages',
    'requests at once: never more than 3',
  ]);
});

test('game-of-life comes to the board that one loop over the whole of it comes to', async () => {
  const lines = await linesOf('game-of-life');
  const height = lines.length / 2 - 1;
  let board = lines.slice(1, 1 + height);
  for (let generation = 0; generation < 48; generation++) board = nextBoard(board);
  assert.deepEqual([lines[0], lines[height + 1]], ['generation 0', 'generation 48']);
  assert.deepEqual(lines.slice(height + 2), board);
});

function nextBoard(board: readonly string[]): string[] {
  const at = (y: number, x: number): number => (board.at(y % board.length)!.at(x % board[0]!.length) === '#' ? 1 : 0);
  const offsets = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dy, dx] as const));
  return board.map((row, y) =>
    [...row]
      .map((cell, x) => {
        const alive = offsets.reduce((sum, [dy, dx]) => sum + at(y + dy, x + dx), cell === '#' ? -1 : 0);
        return alive === 3 || (alive === 2 && cell === '#') ? '#' : '.';
      })
      .join(''),
  );
}

test('web-service answers from its actors', async () => {
  assert.deepEqual(await linesOf('web-service', ['--try']), [
    'POST /counters/visits: 200 {"count":1}',
    'POST /counters/visits?by=41: 200 {"count":42}',
    'GET /counters/visits: 200 {"count":42}',
    'GET /counters/nobody: 404 {"error":"no such counter"}',
    'GET /factors/360: 200 {"factors":[2,2,2,3,3,5]}',
    'GET /factors/1: 400 {"error":"1 is not an integer of 2 or more"}',
    'GET /multiples/7?count=3: 200 7 14 21',
    'GET /multiples/7?count=many: 400 {"error":"\\"many\\" is not an integer"}',
  ]);
});

test('web-service serves until it is told to end, and then ends well', async () => {
  const child = spawn(process.execPath, [...NODE_FLAGS, programOf('web-service'), '--port', '0'], {
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    const { value: line } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next(); // None if it ends.
    const url = /http:\S+(?=\.)/.exec(line ?? '')?.[0];
    const response = await fetch(`${url}/factors/91`, { headers: { connection: 'close' } });
    assert.deepEqual(await response.json(), { factors: [7, 13] });
  } finally {
    child.kill('SIGTERM');
  }
  assert.deepEqual(await ended, [0, null]);
});
