import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { type ActorTarget, type Caller, HandleMaker, targetOf } from './actor-handle.ts';
import { type AnyClass, declareClass } from './class-declaration.ts';

class Base {
  inherited(): void {}

  overridden(): void {}
}

class Subject extends Base {
  static unrelated(): void {}

  readonly field = () => {};

  first(): void {}

  override overridden(): void {}

  get computed(): () => void {
    return () => {};
  }

  // biome-ignore lint/suspicious/noThenProperty: a method of that name is what a handle must not have.
  then(): void {}

  release(): void {}

  actor(): void {}
}

class Async {
  plain(): void {}

  async later(): Promise<void> {}
}

class Streaming {
  async *items(): AsyncGenerator<number> {}
}

const declare = (actorClass: AnyClass) => declareClass('file:///subject.ts', actorClass);

interface Recorded {
  readonly method: number;
  readonly args: readonly unknown[];
}

function makeSubject(): { readonly handle: object; readonly target: ActorTarget; readonly calls: Recorded[] } {
  const calls: Recorded[] = [];
  const caller = {
    call: (_target: ActorTarget, method: number, args: readonly unknown[]) => {
      calls.push({ method, args });
      return 'a ref';
    },
    released: () => {},
  } as unknown as Caller;
  const target = { actor: 7, actorId: 'actor_7', declaration: declare(Subject) } as ActorTarget;
  return { handle: new HandleMaker(caller).make(target, true), target, calls };
}

test('a class declares its methods and those it inherits, once each, and nothing that a handle needs for itself', () => {
  assert.deepEqual([...declare(Subject).methods].sort(), ['actor', 'first', 'inherited', 'overridden']);
});

test('a class is async when it has an async method or async generator', () => {
  assert.deepEqual(
    [Subject, Async, Streaming].map((actorClass) => declare(actorClass).isAsync),
    [false, true, true],
  );
});

test('a method is called by its number with the arguments as they are', () => {
  const { handle, target, calls } = makeSubject();
  const argument = {};
  const method = (handle as Record<string, { remote(...args: unknown[]): unknown }>).first!;
  assert.equal(method.remote(1, argument), 'a ref');
  assert.equal(calls[0]?.method, target.declaration.methods.indexOf('first'));
  assert.equal(calls[0]?.args[1], argument);
});

test('a handle is frozen, not thenable, names itself to people, and tells the runtime its actor', () => {
  const { handle, target } = makeSubject();
  assert.ok(Object.isFrozen(handle));
  assert.equal('then' in handle, false);
  assert.equal(inspect(handle), 'ActorHandle<Subject>(actor_7)');
  assert.equal(String(handle), '[object ActorHandle<Subject>]');
  assert.equal(targetOf(handle), target);
  assert.throws(() => structuredClone(handle), { name: 'DataCloneError' });
});

test('what is no handle has no actor behind it', () => {
  for (const value of [null, undefined, 1, 'handle', {}, { actor: Symbol('x') }, () => {}])
    assert.equal(targetOf(value), undefined);
});

test('a method is one object from the second time on that it is asked for, and works each time', () => {
  const { handle, target, calls } = makeSubject();
  const methods = handle as Record<string, { remote(...args: unknown[]): unknown }>;
  const asked = ['first', 'inherited', 'first', 'inherited', 'first', 'actor', 'actor'];
  const got = asked.map((name) => methods[name]!);
  for (const method of got) method.remote();
  assert.deepEqual(
    calls.map(({ method }) => target.declaration.methods[method]),
    asked,
  );
  assert.equal(got[2], got[4]);
  assert.equal(got[1], got[3]);
  assert.equal(methods.first, got[2]);
  assert.equal(methods.actor, got[6]);
});

test('a method that is taken from its handle calls the same actor, and none once the handle is released', () => {
  const { handle, calls } = makeSubject();
  const { remote } = (handle as Record<string, { remote(...args: unknown[]): unknown }>).first!;
  [1, 2].map((value) => remote(value));
  assert.deepEqual(
    calls.map(({ args }) => args[0]),
    [1, 2],
  );
  (handle as Disposable)[Symbol.dispose]();
  assert.throws(() => remote(3), /Cannot call actor "actor_7": this handle was released/);
});
