/** The shapes of Ray's microbenchmark by their names there; the same work as in ray/shapes.py. */
import { get, init, put, wait } from 'heddle';
import { AsyncSmallValue, Client, createObjectContainingRefs, SmallValue, smallValue } from '../actors/small-value.ts';
import { measure } from './measure.ts';
import { runArmProgram } from './program.ts';

const MANY = 1000;

type Shape = readonly [piece: () => Promise<unknown>, operations: number];

function check(isRight: boolean, shape: string): void {
  if (!isRight) throw new Error(`Cannot trust this arm: ${shape} gave a wrong answer`);
}

const one = (call: () => PromiseLike<string>) => async () => check((await call()) === 'ok', 'a call');

const many = (call: () => PromiseLike<string>) => async () => {
  const answers = await get(Array.from({ length: MANY }, call) as never[]);
  check(answers.length === MANY && answers.every((each) => each === 'ok'), 'a batch of calls');
};

await runArmProgram(async (plan) => {
  await using _runtime = await init({ workers: 2 });
  const small = put(0);
  const array = new Float64Array(100e6 / 8).fill(1.5);
  const actor = SmallValue.remote();
  const concurrent = SmallValue.options({ maxConcurrency: 16 }).remote();
  const asyncActor = AsyncSmallValue.remote();
  const servers = [SmallValue.remote(), SmallValue.remote()];
  const client = Client.remote(servers);
  const clients = [Client.remote(servers), Client.remote(servers)];
  const ownClients = servers.map((server) => Client.remote([server]));
  const batches = (of: readonly ReturnType<typeof Client.remote>[], serversEach: number) => async () => {
    const counts = await get(of.map((each) => each.smallValueBatch.remote(MANY)));
    check(
      counts.every((each) => each === MANY * serversEach),
      'a client',
    );
  };
  const shapes: Readonly<Record<string, Shape>> = {
    single_client_get_calls: [async () => check((await get(small)) === 0, 'get'), 1],
    single_client_put_calls: [async () => put(0).release(), 1],
    single_client_put_gigabytes: [async () => put(array).release(), 0.1],
    single_client_tasks_sync: [one(() => smallValue.remote()), 1],
    single_client_tasks_async: [many(() => smallValue.remote()), MANY],
    '1_1_actor_calls_sync': [one(() => actor.smallValue.remote()), 1],
    '1_1_actor_calls_async': [many(() => actor.smallValue.remote()), MANY],
    '1_1_actor_calls_concurrent': [many(() => concurrent.smallValue.remote()), MANY],
    '1_n_actor_calls_async': [batches([client], 2), 2 * MANY],
    n_n_actor_calls_async: [batches(clients, 2), 4 * MANY],
    n_n_actor_calls_with_arg_async: [
      async () => {
        const counts = await get(ownClients.map((each) => each.smallValueBatchArg.remote(MANY)));
        check(
          counts.every((each) => each === MANY),
          'a client with an argument',
        );
      },
      2 * MANY,
    ],
    '1_1_async_actor_calls_sync': [one(() => asyncActor.smallValue.remote()), 1],
    '1_1_async_actor_calls_async': [many(() => asyncActor.smallValue.remote()), MANY],
    '1_1_async_actor_calls_with_args_async': [many(() => asyncActor.smallValueWithArg.remote(1)), MANY],
    single_client_wait_1k_refs: [
      async () => {
        let rest = Array.from({ length: MANY }, () => smallValue.remote());
        for (let i = 0; i < MANY; i++) [, rest] = await wait(rest);
        check(rest.length === 0, 'wait');
      },
      1,
    ],
    single_client_get_object_containing_10k_refs: [await getRefs(), 1],
  };
  const notes: Record<string, number> = {};
  for (const [name, [piece, operations]] of Object.entries(shapes)) {
    const measured = await measure(plan, async () => {
      await piece();
      return operations;
    });
    notes[name] = measured.operations / measured.seconds;
  }
  return { value: notes['1_1_actor_calls_async']!, notes };
});

async function getRefs(): Promise<() => Promise<void>> {
  const refs = createObjectContainingRefs.remote();
  await refs;
  return async () => check((await get(refs)).length === 10_000, 'an object of refs');
}
