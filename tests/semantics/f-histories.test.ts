/** Guarantees F7 and A3 as laws, on real threads: over any history of calls, deaths, restarts and cancels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ActorOptions, cancel, kill, type ObjectRef } from '@heddle/actors';
import fc from 'fast-check';
import { SharedLog, Tally } from '../support/gate.ts';
import { nextTurn, RuntimeHarness } from '../support/runtime-harness.ts';
import {
  type Chronicle,
  ChronicleCaller,
  Chronicler,
  type ChroniclerHandle,
  LIFE,
  noteMany,
  PlainChronicler,
} from './actors/chronicler.ts';
import { outcomeOf } from './actors/victim.ts';

const CALLERS = 3;
/** Numbers of one caller's calls begin at a multiple of this. */
const EACH = 1_000;

type Step =
  | { readonly kind: 'call'; readonly caller: number; readonly amount: number }
  | { readonly kind: 'kill'; readonly noRestart: boolean }
  | { readonly kind: 'cancel'; readonly pick: number }
  | { readonly kind: 'exit' | 'terminate' | 'turn' };

const calls = fc.record({
  kind: fc.constant('call' as const),
  caller: fc.nat(CALLERS - 1),
  amount: fc.integer({ min: 1, max: 40 }),
});
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: calls },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), noRestart: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('exit' as const, 'terminate' as const, 'turn' as const) }),
  },
);
const terms = fc.record({
  maxRestarts: fc.constantFrom(0, 2, -1),
  maxTaskRetries: fc.constantFrom(0, -1),
  maxConcurrency: fc.constantFrom(1, 3),
});

interface History {
  readonly isAsync: boolean;
  readonly options: ActorOptions;
  readonly steps: readonly Step[];
}

const history: fc.Arbitrary<History> = fc.record({
  isAsync: fc.boolean(),
  options: terms,
  steps: fc.array(steps, { minLength: 3, maxLength: 18 }),
});

/** Plays a history and gives what came of each call, by its number. */
async function play(harness: RuntimeHarness, history: History, chronicle: Chronicle): Promise<Map<number, string>> {
  const options = { ...history.options, restartIntensity: { maxRestarts: 1_000, withinMs: 1 } };
  const subject: ChroniclerHandle = (history.isAsync ? Chronicler : PlainChronicler).options(options).remote();
  const callers = Array.from({ length: CALLERS - 1 }, () => ChronicleCaller.remote());
  const made = new Array<number>(CALLERS).fill(0);
  const own: ObjectRef<number>[] = [];
  const exits: ObjectRef[] = [];
  for (const step of history.steps) {
    switch (step.kind) {
      case 'call': {
        const from = step.caller * EACH + made[step.caller]!;
        made[step.caller]! += step.amount;
        if (step.caller === 0) own.push(...noteMany(subject, from, step.amount, chronicle));
        else await callers[step.caller - 1]!.call.remote(subject, from, step.amount, chronicle);
        break;
      }
      case 'kill':
        await kill(subject, { noRestart: step.noRestart });
        break;
      case 'cancel':
        if (own.length > 0) await cancel(own[step.pick % own.length]!);
        break;
      case 'exit':
        exits.push(subject.exit.options({ maxTaskRetries: 0 }).remote(1));
        break;
      case 'terminate': {
        const { workerId } = harness.runtime.listActors().find(({ className }) => className.endsWith('Chronicler'))!;
        if (workerId !== null) await harness.runtime.terminateWorker(workerId);
        break;
      }
      case 'turn':
        await nextTurn();
    }
  }
  const outcomes = new Map<number, string>();
  const answers = [Promise.all(own.map(outcomeOf)), ...callers.map((caller) => caller.outcomes.remote())];
  for (const [caller, those] of (await Promise.all(answers)).entries()) {
    assert.equal(those.length, made[caller], 'each call is answered');
    for (const [at, outcome] of those.entries()) outcomes.set(caller * EACH + at, outcome);
  }
  await Promise.all(exits.map(outcomeOf));
  await kill(subject);
  for (const caller of callers) await kill(caller);
  return outcomes;
}

test('F7 over any history each call is answered once, truly: what never began did not run, and nothing runs twice unasked', async () => {
  await using harness = await RuntimeHarness.start({ workers: 3 });
  await fc.assert(
    fc.asyncProperty(history, async (each) => {
      const tally = new Tally(CALLERS * EACH);
      const outcomes = await play(harness, each, { tally: tally.memory, log: new SharedLog(100_000).memory });
      // A call is marked before it runs: each termination may come between the two for the one call that just begins.
      let mayNotHaveRun = each.steps.filter(({ kind }) => kind === 'terminate').length;
      for (const [number, outcome] of outcomes) {
        const ran = tally.of(number);
        const text = `call ${number} ran ${ran} times: ${outcome}`;
        assert.match(outcome, /^(value|began|unbegun|TaskCancelledError.*)$/, text);
        if (outcome === 'value') assert.ok(ran >= 1, text);
        if (outcome === 'began') assert.ok(ran >= 1 || mayNotHaveRun-- > 0, text);
        if (outcome === 'unbegun') assert.equal(ran, 0, text);
        if (each.options.maxTaskRetries === 0) assert.ok(ran <= 1, text);
      }
    }),
    { seed: 7, numRuns: 10 },
  );
});

test('A3 over any history the calls of each caller begin in the order in which they were made, in each life of the actor', async () => {
  await using harness = await RuntimeHarness.start({ workers: 3 });
  await fc.assert(
    fc.asyncProperty(history, async (each) => {
      const log = new SharedLog(100_000);
      await play(harness, each, { tally: new Tally(CALLERS * EACH).memory, log: log.memory });
      const last = new Map<string, number>();
      for (const entry of log.entries) {
        const [life, number] = [Math.floor(entry / LIFE), entry % LIFE];
        const key = `caller ${Math.floor(number / EACH)} in life ${life}`;
        assert.ok(number > (last.get(key) ?? -1), `${key}: call ${number} after ${last.get(key)}`);
        last.set(key, number);
      }
      if (each.options.maxTaskRetries === 0)
        assert.equal(new Set(log.entries.map((entry) => entry % LIFE)).size, log.entries.length);
    }),
    { seed: 3, numRuns: 10 },
  );
});
