/**
 * A web service with actors behind it.
 *
 *   node --conditions=heddle-source examples/web-service/main.ts [--port 3000]     until Ctrl-C
 *   node --conditions=heddle-source examples/web-service/main.ts --try             asks itself some things, and ends
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { serve } from '@hono/node-server';
import { init } from 'heddle';
import { Factorizer } from './actors.ts';
import { makeService } from './service.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '3000' }, try: { type: 'boolean' } } });

await using _runtime = await init();
const factorizer = Factorizer.options({ maxRestarts: -1, maxPendingCalls: 100 }).remote();
const server = serve({
  fetch: makeService(factorizer).fetch,
  hostname: '127.0.0.1',
  port: values.try ? 0 : Number(values.port),
});
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

if (values.try) await tryIt();
else {
  console.log(`Listening at ${url}. Try: curl ${url}/factors/360`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
server.close();
await once(server, 'close');

async function tryIt(): Promise<void> {
  await ask('POST', '/counters/visits');
  await ask('POST', '/counters/visits?by=41');
  await ask('GET', '/counters/visits');
  await ask('GET', '/counters/nobody');
  await ask('GET', '/factors/360');
  await ask('GET', '/factors/1');
  await ask('GET', '/multiples/7?count=3');
  await ask('GET', '/multiples/7?count=many');
}

async function ask(method: string, path: string): Promise<void> {
  const response = await fetch(url + path, { method, headers: { connection: 'close' } });
  console.log(`${method} ${path}: ${response.status} ${(await response.text()).trim().replaceAll('\n', ' ')}`);
}
