import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_ACTOR_OPTIONS, resolveActorOptions, resolveRuntimeOptions } from './options.ts';

/** An option, a wrong value, the error's class, and how the message goes on after the quoted value. */
type Wrong = readonly [option: string, value: unknown, error: 'TypeError' | 'RangeError', rest: string];

const INTEGER_FROM_MINUS_ONE = (option: string): readonly Wrong[] => [
  [option, '3', 'TypeError', '"3" (string): expected an integer'],
  [option, null, 'TypeError', 'null (null): expected an integer'],
  [option, true, 'TypeError', 'true (boolean): expected an integer'],
  [option, -2, 'RangeError', '-2: expected an integer of -1 or more'],
  [option, 1.5, 'RangeError', '1.5: expected an integer of -1 or more'],
  [option, Number.NaN, 'RangeError', 'NaN: expected an integer of -1 or more'],
  [option, Number.POSITIVE_INFINITY, 'RangeError', 'Infinity: expected an integer of -1 or more'],
];

const BOOLEAN = (option: string): readonly Wrong[] => [
  [option, 1, 'TypeError', '1 (number): expected true or false'],
  [option, 'true', 'TypeError', '"true" (string): expected true or false'],
  [option, null, 'TypeError', 'null (null): expected true or false'],
];

const NAME = (option: string): readonly Wrong[] => [
  [option, 7, 'TypeError', '7 (number): expected a string'],
  [option, {}, 'TypeError', '{} (object): expected a string'],
  [option, '', 'RangeError', '"": expected 1 to 256 characters'],
  [option, 'n'.repeat(257), 'RangeError', `"${'n'.repeat(40)}": expected 1 to 256 characters`],
];

const WRONG_ACTOR_OPTIONS: readonly Wrong[] = [
  ...NAME('name'),
  ...NAME('namespace'),
  ...INTEGER_FROM_MINUS_ONE('maxRestarts'),
  ...INTEGER_FROM_MINUS_ONE('maxTaskRetries'),
  ...INTEGER_FROM_MINUS_ONE('maxPendingCalls'),
  ['maxPendingCalls', 0, 'RangeError', '0: expected -1 or an integer of 1 or more'],
  ['maxConcurrency', '1', 'TypeError', '"1" (string): expected an integer'],
  ['maxConcurrency', 0, 'RangeError', '0: expected an integer of 1 or more'],
  ['maxConcurrency', -1, 'RangeError', '-1: expected an integer of 1 or more'],
  ['lifetime', 'forever', 'RangeError', '"forever": expected one of "owned", "detached"'],
  ['lifetime', true, 'TypeError', 'true (boolean): expected one of "owned", "detached"'],
  ['placement', 'driver', 'RangeError', '"driver": expected one of "actor", "system"'],
  ['placement', 1, 'TypeError', '1 (number): expected one of "actor", "system"'],
  ...BOOLEAN('failFast'),
  ...BOOLEAN('getIfExists'),
];

for (const [option, value, name, rest] of WRONG_ACTOR_OPTIONS) {
  test(`an actor's ${option} of ${typeof value} ${String(value).slice(0, 20)} is a ${name} that quotes it`, () => {
    assert.throws(() => resolveActorOptions({ [option]: value }), {
      name,
      message: `Cannot create an actor with ${option} ${rest}`,
    });
  });
}

test('an option of an actor that does not exist is refused by name', () => {
  assert.throws(() => resolveActorOptions({ maxRestart: 3 } as object), {
    name: 'TypeError',
    message: /^Cannot create an actor with option "maxRestart": expected one of "name", "namespace", /,
  });
  assert.throws(() => resolveActorOptions('fast' as never), {
    name: 'TypeError',
    message: 'Cannot create an actor with options "fast": expected an object',
  });
  assert.throws(() => resolveActorOptions(null as never), TypeError);
});

test('getIfExists needs a name', () => {
  assert.throws(() => resolveActorOptions({ getIfExists: true }), {
    name: 'TypeError',
    message: 'Cannot create an actor with getIfExists true: it needs a name',
  });
});

test('restartIntensity is checked in all its parts', () => {
  const within = (intensity: unknown) => () => resolveActorOptions({ restartIntensity: intensity } as object);
  assert.throws(within(3), TypeError);
  assert.throws(within({ maxRestarts: 0, withinMs: 1 }), {
    name: 'RangeError',
    message: 'Cannot create an actor with restartIntensity.maxRestarts 0: expected an integer of 1 or more',
  });
  assert.throws(within({ maxRestarts: 1 }), {
    name: 'TypeError',
    message: 'Cannot create an actor with restartIntensity.withinMs undefined (undefined): expected an integer',
  });
  assert.throws(within({ maxRestarts: 1, withinMs: 1, seconds: 1 }), { name: 'TypeError', message: /"seconds"/ });
});

test('what is left out or undefined is the default, and nothing given is changed', () => {
  assert.deepEqual(resolveActorOptions({}), DEFAULT_ACTOR_OPTIONS);
  assert.deepEqual(resolveActorOptions({ name: undefined, maxRestarts: undefined }), DEFAULT_ACTOR_OPTIONS);
  const given = Object.freeze({ name: 'n', maxRestarts: -1, maxPendingCalls: 1, lifetime: 'detached' } as const);
  assert.deepEqual(resolveActorOptions(given), { ...DEFAULT_ACTOR_OPTIONS, ...given });
});

test('the limits themselves are allowed', () => {
  for (const given of [
    { name: 'n'.repeat(256) },
    { maxRestarts: -1 },
    { maxRestarts: Number.MAX_SAFE_INTEGER },
    { maxTaskRetries: -1 },
    { maxPendingCalls: -1 },
    { maxPendingCalls: 1 },
    { maxConcurrency: 1 },
  ])
    assert.ok(resolveActorOptions(given));
});

const WRONG_RUNTIME_OPTIONS: readonly Wrong[] = [
  ['workers', '2', 'TypeError', '"2" (string): expected an integer'],
  ['workers', -1, 'RangeError', '-1: expected an integer from 0 to 1024'],
  ['workers', 1_025, 'RangeError', '1025: expected an integer from 0 to 1024'],
  ...NAME('namespace'),
  ...BOOLEAN('background'),
  ['latency', 'fast', 'RangeError', '"fast": expected one of "low", "balanced", "idle"'],
  ['latency', 1, 'TypeError', '1 (number): expected one of "low", "balanced", "idle"'],
];

for (const [option, value, name, rest] of WRONG_RUNTIME_OPTIONS) {
  test(`a runtime's ${option} of ${typeof value} ${String(value).slice(0, 20)} is a ${name} that quotes it`, () => {
    assert.throws(() => resolveRuntimeOptions({ [option]: value }), {
      name,
      message: `Cannot start a runtime with ${option} ${rest}`,
    });
  });
}

test('a runtime has as many workers as the machine has processors unless told otherwise', () => {
  const { workers, namespace } = resolveRuntimeOptions({});
  assert.ok(workers >= 1);
  assert.equal(namespace, 'default');
  assert.equal(resolveRuntimeOptions({ workers: 0 }).workers, 0);
});
