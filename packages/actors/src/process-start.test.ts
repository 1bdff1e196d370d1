import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeOptions } from './process-start.ts';

test('a process takes over how modules are found and read, and not what the program was', () => {
  const driver = [
    '--conditions=heddle-source',
    '--import',
    './hook.mjs',
    '--test',
    '--watch-path=src',
    '--test-name-pattern',
    'A5',
    '--watch-path',
    'src',
    '--inspect-port',
    '0',
    '--no-warnings',
    '-e',
    'code',
    '-c',
  ];
  assert.deepEqual(nodeOptions(driver, undefined), [
    '--conditions=heddle-source',
    '--import',
    './hook.mjs',
    '--no-warnings',
  ]);
});

test('a debugger of a process listens at a port of its own', () => {
  assert.deepEqual(nodeOptions(['--inspect', '--inspect-brk=9229', '--inspect-port=1'], undefined), [
    '--inspect=0',
    '--inspect-brk=0',
  ]);
});

test('limits are options of Node', () => {
  const limits = { maxOldGenerationSizeMb: 64.5, maxYoungGenerationSizeMb: 12, stackSizeMb: 2 };
  assert.deepEqual(nodeOptions([], limits), [
    '--max-old-space-size=65',
    '--max-semi-space-size=4',
    '--stack-size=1856',
  ]);
  assert.deepEqual(nodeOptions([], { maxYoungGenerationSizeMb: 1 }), ['--max-semi-space-size=1']);
});
