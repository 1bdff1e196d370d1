/** Guarantee N5: detached actors outlive their runtime where it has a directory. Real programs, really killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ActorHandle,
  ActorNotFoundError,
  getActor,
  init,
  kill,
  RuntimeDirectoryInUseError,
  SerializationError,
  startRuntime,
  transfer,
} from '@heddle/actors';
import { LivingProgram } from '../support/living-program.ts';
import { failureOf, RuntimeHarness } from '../support/runtime-harness.ts';
import { ScratchDirectory } from '../support/scratch-directory.ts';
import { Counter } from './actors/counter.ts';
import { Keeper } from './actors/keeper.ts';

const detached = { lifetime: 'detached' } as const;

/** Lets a program make its actors in the directory, and kills it. */
async function leaveActors(directory: string): Promise<ReadonlyMap<string, string>> {
  await using program = new LivingProgram('leaves-actors', [directory]);
  return new Map(JSON.parse(await program.line()).actorIds);
}

test('N5 after kill -9 of the program the next one finds the detached actors by name, made anew with their arguments', async () => {
  await using scratch = await ScratchDirectory.make();
  const actorIds = await leaveActors(scratch.path);
  await using harness = await RuntimeHarness.start({ workers: 1, directory: scratch.path });

  const counter = await getActor<typeof Counter>('counter');
  assert.equal(await counter.value.remote(), 10, 'the constructor ran again; state is not restored');
  const context = await counter.context.remote();
  assert.equal(context.restartCount, 1, 'this counts as a restart');
  assert.equal(context.actorId, actorIds.get('counter'));

  const keeper = await getActor<typeof Keeper>('keeper', 'elsewhere');
  const [parts, box] = (await keeper.kept.remote()) as [unknown, { deep: ActorHandle<typeof Counter>[] }];
  const expected = { at: new Date(0), tags: new Set(['a']), bytes: new Uint8Array([1, 2, 3]), big: 2n ** 70n };
  assert.deepEqual(parts, expected);
  await box.deep[0]!.increment.remote();
  assert.equal(await counter.value.remote(), 11, 'a handle among the arguments leads to the actor made anew');

  const rows = new Map(harness.runtime.listActors().map((row) => [row.name, row]));
  assert.deepEqual([...rows.keys()].sort(), ['counter', 'keeper', 'mortal']);
  assert.equal(rows.get('mortal')?.state, 'DEAD');
  assert.match(
    rows.get('mortal')?.deathCause ?? '',
    /the runtime that it lived in has ended, and it has no restart left/,
  );
  for (const name of ['mortal', 'owned', 'killed'])
    assert.ok((await failureOf(getActor(name))) instanceof ActorNotFoundError);
});

test('N5 each new runtime uses up one restart, and what was killed stays dead', async () => {
  await using scratch = await ScratchDirectory.make();
  const directory = scratch.path;
  await leaveActors(directory);
  {
    await using _ = await RuntimeHarness.start({ workers: 1, directory });
    await kill(await getActor('keeper', 'elsewhere'));
  }
  {
    await using _ = await RuntimeHarness.start({ workers: 1, directory });
    assert.ok((await failureOf(getActor('keeper', 'elsewhere'))) instanceof ActorNotFoundError);
    const counter = await getActor<typeof Counter>('counter');
    assert.equal((await counter.context.remote()).restartCount, 2);
  }
  await using harness = await RuntimeHarness.start({ workers: 1, directory });
  assert.deepEqual(
    harness.runtime.listActors().map(({ name, state, restartCount }) => [name, state, restartCount]),
    [['counter', 'DEAD', 2]],
  );
});

test('N5 an orderly end leaves detached actors to the next runtime too, and their names are taken there', async () => {
  await using scratch = await ScratchDirectory.make();
  const directory = scratch.path;
  {
    await using _ = await RuntimeHarness.start({ workers: 1, directory });
    await Counter.options({ ...detached, name: 'counter', maxRestarts: -1 })
      .remote(5)
      .value.remote();
  }
  await using _ = await RuntimeHarness.start({ workers: 1, directory });
  const same = Counter.options({ name: 'counter', getIfExists: true }).remote(99);
  assert.equal(await same.value.remote(), 5);
});

test('N5 a restart within one runtime is remembered', async () => {
  await using scratch = await ScratchDirectory.make();
  const directory = scratch.path;
  {
    await using harness = await RuntimeHarness.start({ workers: 1, directory });
    const counter = Counter.options({ ...detached, name: 'counter', maxRestarts: 5 }).remote(5);
    await counter.value.remote();
    await harness.terminateOnly();
    await counter.value.remote();
  }
  await using _ = await RuntimeHarness.start({ workers: 1, directory });
  assert.equal((await (await getActor<typeof Counter>('counter')).context.remote()).restartCount, 2);
});

test('N5 two runtimes cannot use one directory: the second is refused and told whose it is', async () => {
  await using scratch = await ScratchDirectory.make();
  await using program = new LivingProgram('leaves-actors', [scratch.path]);
  await program.line();
  const refused = await failureOf(init({ directory: scratch.path }));
  assert.ok(refused instanceof RuntimeDirectoryInUseError);
  assert.equal(refused.holderPid, program.pid);
  assert.equal(
    refused.message,
    `Cannot start a runtime in directory "${scratch.path}": the runtime of process ${program.pid} uses it`,
  );
  await program.kill();

  await using first = await RuntimeHarness.start({ workers: 1, directory: scratch.path });
  assert.ok((await failureOf(startRuntime({ directory: scratch.path }))) instanceof RuntimeDirectoryInUseError);
  assert.equal(first.runtime.stats().actors, 2);
});

test('N5 arguments that cannot be stored fail the actor with an error that names them, where there is a directory', async () => {
  await using scratch = await ScratchDirectory.make();
  await using _ = await RuntimeHarness.start({ workers: 1, directory: scratch.path });
  const memory = new SharedArrayBuffer(8);
  const cases: readonly (readonly [unknown[], RegExp])[] = [
    [[1, { memory }], /Cannot send argument 2 of the constructor of Keeper: .*directory.*SharedArrayBuffer/],
    [[new Int32Array(memory)], /argument 1 .*shared memory/],
    [[{ ref: Counter.remote().value.remote() }], /argument 1 .*ObjectRef/],
  ];
  for (const [args, message] of cases) {
    const keeper = Keeper.options(detached).remote(...args);
    const { cause } = await failureOf(keeper.kept.remote());
    assert.ok(cause instanceof SerializationError);
    assert.match(cause.message, message);
  }
  const moved = new ArrayBuffer(8);
  const { cause } = await failureOf(
    Keeper.options(detached)
      .remote(transfer(moved, [moved]))
      .kept.remote(),
  );
  assert.ok(cause instanceof SerializationError);
  assert.match(cause.message, /what is moved is not/);
  assert.deepEqual(await Keeper.remote({ memory }).kept.remote(), [{ memory }], 'an owned actor is not stored');
});
