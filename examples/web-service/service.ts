/**
 * The routes: a Hono app that keeps nothing itself. What has state is an actor, and so is what would block the loop.
 *
 *   POST /counters/:name?by=2       adds to a counter, which is made when it is first named
 *   GET  /counters/:name            404 for one that nobody has named
 *   GET  /factors/:n                400 for what is no such number; 503 when too much is asked at once
 *   GET  /multiples/:n?count=3      a stream of lines, made as fast as it is read
 */
import { type ActorHandle, ActorNotFoundError, getActor, PendingCallsLimitExceededError, TaskError } from 'heddle';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { stream } from 'hono/streaming';
import { Counter, type Factorizer } from './actors.ts';

/** How many items of a stream may be made and not yet written. */
const AHEAD_MAX = 4;

const STREAMED_MAX = 1_000;

export function makeService(factorizer: ActorHandle<typeof Factorizer>): Hono {
  const app = new Hono();

  app.post('/counters/:name', async (context) => {
    const options = { name: `counter ${context.req.param('name')}`, getIfExists: true, lifetime: 'detached' } as const;
    const counter = Counter.options(options).remote();
    return context.json({ count: await counter.add.remote(toInteger(context.req.query('by') ?? '1')) });
  });

  app.get('/counters/:name', async (context) => {
    const counter = await getActor<typeof Counter>(`counter ${context.req.param('name')}`);
    return context.json({ count: await counter.read.remote() });
  });

  app.get('/factors/:n', async (context) => {
    return context.json({ factors: await factorizer.factorize.remote(Number(context.req.param('n'))) });
  });

  app.get('/multiples/:n', (context) => {
    let left = Math.min(toInteger(context.req.query('count') ?? '10'), STREAMED_MAX);
    const multiples = factorizer.multiples
      .options({ generatorBackpressure: AHEAD_MAX })
      .remote(toInteger(context.req.param('n')));
    return stream(context, async (out) => {
      for await (const ref of multiples) {
        if (left-- <= 0 || out.aborted) break; // Leaving the loop ends the generator, in its actor too.
        await out.writeln(String(await ref));
      }
    });
  });

  app.onError((error, context) => {
    if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
    if (error instanceof PendingCallsLimitExceededError) return context.json({ error: 'too busy' }, 503);
    if (error instanceof ActorNotFoundError) return context.json({ error: 'no such counter' }, 404);
    if (error instanceof TaskError && error.cause instanceof RangeError)
      return context.json({ error: error.cause.message }, 400);
    console.error(error);
    return context.json({ error: 'internal error' }, 500);
  });

  return app;
}

/** What a client sent is checked before it comes to an actor. */
function toInteger(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new HTTPException(400, { message: `"${text}" is not an integer` });
  return Number(text);
}
