import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CallSite } from './call-site.ts';

/** What a call site shows of a stack with these frames. */
function shownOf(frames: readonly string[]): string[] {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = () => ['Error', ...frames].join('\n');
  const error = new Error('x');
  error.stack = 'Error: x';
  try {
    new CallSite().showIn(error);
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
  return error.stack.split('\n').slice(2);
}

test('frames of the runtime are left out, whether they name what was built or, with source maps, the source', () => {
  const own = new URL('../', import.meta.url);
  const caller = '    at main (/home/me/program.ts:3:4)';
  assert.deepEqual(
    shownOf([
      `    at Calls.call (${own.href}dist/common.js:1:2)`,
      `    at Calls.call (${fileURLToPath(own)}src/calls.ts:1:2)`,
      `    at <anonymous> (${fileURLToPath(own)}src/calls.ts:1:2)`,
      caller,
      '    at file:///home/me/program.ts:5:6',
    ]),
    [caller, '    at file:///home/me/program.ts:5:6'],
  );
});
