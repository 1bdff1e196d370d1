/**
 * An error that a task throws is not retried unless `retryExceptions` says so: true, or a list of classes.
 *
 * A subclass of a listed class is retried, another error is not. `maxRetries` limits these too.
 */
import { type ActorHandle, init, TaskError } from 'heddle';
import { fetchPage, Server, Timeout } from './actors.ts';

type Options = Parameters<typeof fetchPage.options>[0];

async function show(what: string, server: ActorHandle<typeof Server>, options: Options): Promise<void> {
  let result: string;
  try {
    result = await fetchPage.options(options).remote(server);
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    result = (error.cause as Error).name;
  }
  console.log(`${what}: ${result} at request ${await server.count.remote()}`);
}

await using _runtime = await init({ numCpus: 2 });
await show('listed', Server.remote('timeout', 'slow network', 'page'), { retryExceptions: [Timeout] });
await show('not listed', Server.remote('timeout', 'not found', 'page'), { retryExceptions: [Timeout] });
await show('all', Server.remote('timeout', 'not found', 'page'), { retryExceptions: true });
await show('too often', Server.remote('timeout', 'timeout', 'page'), { retryExceptions: [Timeout], maxRetries: 1 });
await show('by default', Server.remote('timeout', 'page'), {});
