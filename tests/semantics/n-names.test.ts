/** Guarantees N1 to N4: names, and how long they and their actors last. On real threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActorAlreadyExistsError,
  ActorDiedError,
  ActorNotFoundError,
  getActor,
  kill,
  listNamedActors,
  OwnerDiedError,
} from '@heddle/actors';
import { Gate, Tally } from '../support/gate.ts';
import { failureOf, RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { AsyncBlocker, SlowStarter } from './actors/blocker.ts';
import { Careless } from './actors/careless.ts';
import { Counter } from './actors/counter.ts';
import { Leaver } from './actors/leaver.ts';
import { Mortal } from './actors/mortal.ts';
import { Relay } from './actors/relay.ts';
import { ThrowsAtStart } from './actors/throws-at-start.ts';

// ── N1 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('N1 a name is taken once in its namespace; the failure arrives through the refs of the second handle', async () => {
  await using harness = await RuntimeHarness.start();
  const first = Counter.options({ name: 'one' }).remote(1);
  const second = Counter.options({ name: 'one' }).remote(2);
  const elsewhere = Counter.options({ name: 'one', namespace: 'elsewhere' }).remote(3);
  const error = await failureOf(second.value.remote());
  assert.ok(error instanceof ActorAlreadyExistsError);
  assert.equal(error.message, 'Cannot create actor "one": the name is taken in namespace "default"');
  assert.ok((await failureOf(second.increment.remote())) instanceof ActorAlreadyExistsError);
  assert.deepEqual(await valuesOf([first.value.remote(), elsewhere.value.remote()]), [1, 3]);
  assert.equal(harness.runtime.stats().actors, 2);
});

test('N1 a name is taken while its holder is constructed and while it restarts', async () => {
  await using _ = await RuntimeHarness.start({ workers: 2 });
  const gate = new Gate();
  const slow = SlowStarter.options({ name: 'slow' }).remote(gate.memory, 'slow');
  assert.ok(
    (await failureOf(Counter.options({ name: 'slow' }).remote().value.remote())) instanceof ActorAlreadyExistsError,
  );
  gate.open();
  assert.equal(await slow.value.remote(), 'slow');

  const mortal = Mortal.options({ name: 'mortal', maxRestarts: 2 }).remote();
  for (let restart = 0; restart < 2; restart++) {
    await mortal.call.remote();
    await kill(mortal, { noRestart: false }); // The second time it is backed off: RESTARTING for a while.
  }
  assert.ok(
    (await failureOf(Mortal.options({ name: 'mortal' }).remote().call.remote())) instanceof ActorAlreadyExistsError,
  );
  assert.equal(await mortal.call.remote(), 1);
});

test('N1 of many that take one name at once from several threads exactly one has it', async () => {
  await using _ = await RuntimeHarness.start({ workers: 3 });
  const relays = [Relay.remote(), Relay.remote(), Relay.remote()];
  await valuesOf(relays.map((relay) => relay.workerId.remote()));
  const attempts = [
    ...relays.map((relay, index) => relay.makeNamed.remote('wanted', index)),
    Counter.options({ name: 'wanted' }).remote(9).value.remote(),
  ];
  const outcomes = await Promise.allSettled(attempts);
  const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  assert.equal(won.length, 1);
  const holder = await getActor<typeof Counter>('wanted');
  assert.equal(await holder.value.remote(), won[0]?.value);
});

test('N1 getIfExists gives whoever has the name, and ignores the new options and arguments', async () => {
  await using harness = await RuntimeHarness.start();
  const Named = Counter.options({ name: 'shared', getIfExists: true });
  const [first, second] = [Named.remote(1), Named.remote(2)];
  await first.increment.remote();
  assert.equal(await second.value.remote(), 2);
  assert.equal(await second.increment.remote(), 3);
  assert.equal(harness.runtime.listActors().length, 1);
});

// ── N2 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('N2 getActor finds the living actor by its name, from the driver and from an actor', async () => {
  await using _ = await RuntimeHarness.start();
  const counter = Counter.options({ name: 'found' }).remote(5);
  const relay = Relay.remote();
  assert.equal(await relay.findAndIncrement.remote('found'), 6);
  const again = await getActor<typeof Counter>('found');
  assert.equal(await again.increment.remote(), 7);
  assert.equal(await counter.value.remote(), 7);
});

test('N2 names given without a namespace belong to the one of whoever gives them', async () => {
  await using _ = await RuntimeHarness.start({ namespace: 'home' });
  Counter.options({ name: 'here', lifetime: 'detached' }).remote(1);
  const relay = Relay.options({ namespace: 'abroad' }).remote();
  assert.equal(await relay.makeNamed.remote('there', 2), 2);
  assert.deepEqual(await relay.names.remote(), ['there']);
  assert.deepEqual(await listNamedActors(), ['here']);
  assert.deepEqual(await listNamedActors({ allNamespaces: true }), [
    { name: 'here', namespace: 'home' },
    { name: 'there', namespace: 'abroad' },
  ]);
  assert.equal(await relay.findAndIncrement.remote('here', 'home'), 2);
  assert.equal(await (await getActor<typeof Counter>('there', 'abroad')).value.remote(), 2);
  const error = await failureOf(getActor('there'));
  assert.ok(error instanceof ActorNotFoundError);
  assert.equal(error.message, 'Cannot find actor "there": no living actor has that name in namespace "home"');
  assert.ok((await failureOf(relay.findAndIncrement.remote('nobody'))).cause instanceof ActorNotFoundError);
});

test('N2 a name that is no name is refused where it is given', async () => {
  await using _ = await RuntimeHarness.start();
  await assert.rejects(getActor(''), { name: 'RangeError', message: /^Cannot get an actor with name "": / });
  await assert.rejects(getActor(7 as never), { name: 'TypeError', message: /^Cannot get an actor with name 7 / });
  await assert.rejects(getActor('name', '' as never), { name: 'RangeError', message: /with namespace "": / });
  await assert.rejects(listNamedActors({ allNamespaces: 'yes' } as never), TypeError);

  const careless = Careless.remote();
  for (const [ref, cause] of [
    [careless.findBy.remote('function'), TypeError],
    [careless.findBy.remote('number'), TypeError],
    [careless.findBy.remote('empty'), RangeError],
    [careless.findIn.remote('function'), TypeError],
    [careless.killNothing.remote(), TypeError],
  ] as const)
    assert.ok((await failureOf(ref)).cause instanceof cause);
  assert.equal(await careless.isRef.remote(1), false);
});

// ── N3 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('N3 an actor that is released finishes what was submitted and ends', async () => {
  await using harness = await RuntimeHarness.start();
  const ended = deaths(harness);
  const counter = Counter.remote(1);
  const ref = counter.increment.remote();
  counter.release();
  assert.equal(await ref, 2);
  await ended.of('Counter');
  assert.equal(harness.runtime.stats().actors, 0);
});

test('N3 the same in another actor: a call made just before the release is answered', async () => {
  await using harness = await RuntimeHarness.start();
  const ended = deaths(harness);
  const relay = Relay.remote();
  assert.equal(await relay.callAndRelease.remote(), 7);
  await ended.of('Counter');
  assert.equal(harness.runtime.stats().actors, 1);
});

test('N3 a handle beside a value that could not be sent was not sent either', async () => {
  await using harness = await RuntimeHarness.start();
  const [counter, relay] = [Counter.remote(1), Relay.remote()];
  assert.equal(await counter.value.remote(), 1);
  await failureOf(relay.valueOf_.remote({ counter, callback: () => {} } as never));
  counter.release();
  for (let turn = 0; turn < 200 && harness.runtime.stats().actors > 1; turn++) await relay.workerId.remote();
  assert.equal(harness.runtime.stats().actors, 1);
});

test('N3 an actor ends with its owner, a detached one does not', async () => {
  await using harness = await RuntimeHarness.start();
  const relay = Relay.remote();
  const own = await relay.makeOwn.remote(5);
  assert.equal(await relay.makeNamed.remote('detached', 6), 6);
  await kill(relay);
  const error = await failureOf(own.value.remote());
  assert.ok(error instanceof ActorDiedError);
  assert.ok(error.cause instanceof OwnerDiedError);
  assert.equal(await (await getActor<typeof Counter>('detached')).value.remote(), 6);
  assert.equal(harness.runtime.stats().actors, 1);
});

/** Resolves when an actor of a class is DEAD. */
function deaths(harness: RuntimeHarness): { of(className: string): Promise<void> } {
  const dead = new Map<string, PromiseWithResolvers<void>>();
  const deathOf = (className: string) => {
    const death = dead.get(className) ?? Promise.withResolvers<void>();
    dead.set(className, death);
    return death;
  };
  harness.runtime.watchActors(({ className, state }) => {
    if (state === 'DEAD') deathOf(className).resolve();
  });
  return {
    async of(className) {
      await valuesOf([deathOf(className).promise]);
    },
  };
}

// ── N4 ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('N4 a name is free as soon as its actor is DEAD, also while handles are left, however it died', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const taken = { name: 'taken' };

  const killed = Counter.options(taken).remote(1);
  await killed.value.remote();
  await kill(killed);
  const next = Counter.options(taken).remote(2);
  assert.equal(await next.value.remote(), 2);
  assert.ok((await failureOf(killed.value.remote())) instanceof ActorDiedError);

  await harness.terminateOnly();
  assert.ok((await failureOf(next.value.remote())) instanceof ActorDiedError);
  const leaver = Leaver.options(taken).remote();
  await failureOf(leaver.leave.remote(new Tally(2).memory));
  const thrower = ThrowsAtStart.options(taken).remote('at start');
  await failureOf(thrower.value.remote());
  assert.ok((await failureOf(getActor('taken'))) instanceof ActorNotFoundError);
  assert.equal(await Counter.options(taken).remote(3).value.remote(), 3);
  assert.ok((await failureOf(leaver.work.remote())) instanceof ActorDiedError);
});

test('N4 a name resolves to one incarnation: a handle of the old one never reaches the new one', async () => {
  await using _ = await RuntimeHarness.start();
  const old = Counter.options({ name: 'name' }).remote(1);
  const found = await getActor<typeof Counter>('name');
  await kill(old);
  const fresh = Counter.options({ name: 'name' }).remote(2);
  assert.equal(await fresh.value.remote(), 2);
  for (const handle of [old, found]) assert.ok((await failureOf(handle.value.remote())) instanceof ActorDiedError);
  assert.equal(await (await getActor<typeof Counter>('name')).value.remote(), 2);
});

test('N4 after a restart the name leads to the same actor', async () => {
  await using harness = await RuntimeHarness.start({ workers: 1 });
  const blocker = AsyncBlocker.options({ name: 'again', maxRestarts: 1 }).remote();
  await blocker.ready.remote();
  await harness.terminateOnly();
  const found = await getActor<typeof AsyncBlocker>('again');
  assert.equal(await found.ready.remote(), true);
  assert.equal(harness.runtime.listActors().length, 1);
});
