import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scope } from './scope.ts';

test('a scope ends what it owns, last made first ended', async () => {
  const ended: string[] = [];
  {
    await using scope = new Scope();
    scope.own({ [Symbol.dispose]: () => ended.push('first') });
    scope.own({ [Symbol.asyncDispose]: async () => void ended.push('second') });
    scope.defer(() => ended.push('third'));
  }
  assert.deepEqual(ended, ['third', 'second', 'first']);
});

test('a scope ends everything even if a step throws, and then throws that', async () => {
  const ended: string[] = [];
  const scope = new Scope();
  scope.defer(() => ended.push('first'));
  scope.defer(() => {
    throw new RangeError('stuck');
  });
  await assert.rejects(() => scope[Symbol.asyncDispose](), RangeError);
  assert.deepEqual(ended, ['first']);
});

test('two failing steps arrive as one AggregateError', async () => {
  const scope = new Scope();
  for (const message of ['a', 'b']) {
    scope.defer(() => {
      throw new Error(message);
    });
  }
  await assert.rejects(() => scope[Symbol.asyncDispose](), AggregateError);
});

test('ending a scope twice ends its things once', async () => {
  let endings = 0;
  const scope = new Scope();
  scope.defer(() => endings++);
  await Promise.all([scope[Symbol.asyncDispose](), scope[Symbol.asyncDispose]()]);
  assert.equal(endings, 1);
});

test('what is owned after the end is ended at once', async () => {
  const scope = new Scope();
  await scope[Symbol.asyncDispose]();
  await new Promise<void>((resolve) => scope.defer(resolve));
});

test('a moved scope leaves nothing to end to the old one', async () => {
  let endings = 0;
  const scope = new Scope();
  scope.defer(() => endings++);
  const heir = scope.move();
  await scope[Symbol.asyncDispose]();
  assert.equal(endings, 0);
  await heir[Symbol.asyncDispose]();
  assert.equal(endings, 1);
});
