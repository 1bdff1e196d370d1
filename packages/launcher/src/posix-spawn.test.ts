import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { type ChildEnd, PosixSpawn, type SpawnCommand } from './posix-spawn.ts';

const directory = mkdtempSync(join(tmpdir(), 'heddle-posix-spawn-'));
const output = openSync(join(directory, 'output'), 'a+');
/** A signal does not keep Node's loop turning: a launcher's socket does, and here this. */
const alive = setInterval(() => {}, 1000);
after(() => {
  clearInterval(alive);
  closeSync(output);
  rmSync(directory, { recursive: true });
});

for (const way of ['any', 'library'] as const) {
  const posixSpawn = PosixSpawn.open(way);
  const skip = posixSpawn === undefined ? 'this Node or this system has no way to it' : false;
  const by = way === 'library' ? 'by the C library: ' : '';

  function start(argv: readonly string[], more: Partial<SpawnCommand> = {}): Promise<ChildEnd> | undefined {
    const { promise, resolve } = Promise.withResolvers<ChildEnd>();
    const env = { PATH: process.env.PATH ?? '' };
    const pid = posixSpawn!.start({ argv, cwd: directory, env, outputFd: output, ...more }, resolve);
    return pid === undefined ? undefined : promise;
  }

  const run = (script: string, more?: Partial<SpawnCommand>) => start(['/bin/sh', '-c', script], more);

  test(`${by}the exact end of every child is told, codes and signals`, { skip }, async () => {
    for (const code of [0, 1, 127, 137, 255]) assert.deepEqual(await run(`exit ${code}`), { code, signal: null });
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGABRT', 'SIGSEGV', 'SIGIO'])
      assert.deepEqual(await run(`kill -${signal.slice(3)} $$`), { code: null, signal });
    assert.deepEqual(await run('kill -40 $$'), { code: null, signal: 'SIG40' });
  });

  test(`${by}hundreds of children at once are all told of, beside those that Node has started`, { skip }, async () => {
    const ours = Array.from({ length: 300 }, (_, number) => run(`exit ${number % 250}`));
    const nodes = Array.from({ length: 10 }, async (_, number) => {
      const [code] = await once(spawn('/bin/sh', ['-c', `exit ${number}`]), 'exit');
      assert.equal(code, number);
    });
    await Promise.all(nodes);
    for (const [number, end] of (await Promise.all(ours)).entries()) assert.equal(end?.code, number % 250);
  });

  test(`${by}a child has its command, environment and directory, and of descriptors and signals nothing of ours`, {
    skip,
  }, async () => {
    const file = join(directory, 'facts');
    const outputFd = openSync(file, 'a');
    const script = `echo "$0 $1 $WORD $PWD"; ls -m /proc/$$/fd; cut -d' ' -f1,5,6 /proc/$$/stat`;
    const env = { PATH: process.env.PATH ?? '', WORD: 'ä=ö' };
    await start(['/bin/sh', '-c', script, 'name', 'ß 1'], { env, outputFd });
    await start(['cat', '/proc/self/status'], { outputFd }); // A shell blocks signals while it waits.
    closeSync(outputFd);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    assert.equal(lines[0], `name ß 1 ä=ö ${directory}`);
    const descriptors = lines[1]!.split(', ').map(Number);
    assert.deepEqual(descriptors.slice(0, 3), [0, 1, 2]);
    assert.ok(!descriptors.includes(output) && !descriptors.includes(outputFd));
    assert.ok(lines.includes('SigBlk:\t0000000000000000'));
    assert.ok(lines.some((line) => /^SigIgn:\t0+(180000000)?$/.test(line))); // Two that the C library has for itself.
    const [pid, group, session] = lines[2]!.split(' ');
    assert.deepEqual([group, session], [pid, pid]);
  });

  test(`${by}an environment of a mebibyte arrives whole`, { skip }, async () => {
    const env: Record<string, string> = { PATH: process.env.PATH ?? '' };
    for (let number = 0; number < 10; number++) env[`WORD${number}`] = 'ä'.repeat(50_000);
    assert.equal((await run('test $(wc -c < /proc/$$/environ) -gt 1000000', { env }))?.code, 0);
  });

  test(`${by}a program is looked for along the PATH of the child`, { skip }, async () => {
    const program = join(directory, 'only-here');
    writeFileSync(program, '#!/bin/sh\nexit 9\n', { mode: 0o700 });
    const env = { PATH: `/nonexistent:${directory}:/bin` };
    assert.equal((await start(['only-here'], { env }))?.code, 9);
    assert.equal((await start(['./only-here']))?.code, 9);
    assert.equal(start(['only-here'], { env: { PATH: '/bin' } }), undefined);
  });

  test(`${by}what cannot be started is not started, and the next one is`, { skip }, async () => {
    const text = join(directory, 'text');
    writeFileSync(text, 'neither a program nor a script', { mode: 0o700 });
    assert.equal(start(['/nonexistent']), undefined);
    assert.equal(start([directory]), undefined);
    assert.equal(start([text]), undefined);
    assert.equal(run('exit 0', { cwd: '/nonexistent' }), undefined);
    assert.equal(run('exit 0', { env: { WORD: 'a\0b' } }), undefined);
    assert.equal((await run('exit 3'))?.code, 3);
  });
}
