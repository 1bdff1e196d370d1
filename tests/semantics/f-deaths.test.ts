/** Guarantee F6: every way in which a thread can die, each while three threads have a thousand calls on it in flight. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActorOptions } from '@heddle/actors';
import { Gate, Tally } from '../support/gate.ts';
import { RuntimeHarness, valuesOf } from '../support/runtime-harness.ts';
import { Counter } from './actors/counter.ts';
import {
  Attacker,
  callMany,
  INSIDE_DEATHS,
  type InsideDeath,
  outcomeOf,
  Victim,
  type VictimHandle,
} from './actors/victim.ts';

/** By each of the three callers. */
const CALLS = 1_000;
const HANGING = 3;

interface Death {
  readonly name: string;
  readonly cause: RegExp;
  /** Options of the victims. */
  readonly options?: ActorOptions;
  /** Done before the victims' thread is blocked. */
  readonly arm?: (victims: readonly VictimHandle[]) => unknown;
  /** Done when all calls are on their way. */
  readonly strike?: (harness: RuntimeHarness, victimThreads: readonly string[]) => unknown;
  /** The thread dies while it is blocked, so nothing of what waits begins there. */
  readonly staysBlocked?: true;
  /** The threads, one for each victim, need not be blocked: they are busy with their deaths. */
  readonly isAtOnce?: true;
}

const ISOLATED: ActorOptions = {
  isolation: 'thread',
  resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 },
};

const inside = (name: InsideDeath, cause: RegExp): Death => ({
  name,
  cause,
  arm: (victims) => victims[1]!.dieLater.remote(name),
});

const DEATHS: readonly Death[] = [
  inside('uncaught exception', /thrown outside a call/),
  inside('unhandled rejection', /rejected outside a call/),
  inside('process.exit(0)', /ended with code 0/),
  inside('process.exit(3)', /ended with code 3/),
  {
    name: 'terminate',
    cause: /was terminated/,
    strike: (harness, threads) => threads.map((thread) => harness.runtime.terminateWorker(thread)),
    staysBlocked: true,
  },
  {
    name: 'a turn longer than maxBlockedMs',
    cause: /did not turn for/,
    options: { maxBlockedMs: 3_000 }, // Less than a loaded machine needs for a turn in which an actor comes back would end that one too.
    staysBlocked: true,
  },
  {
    name: 'the heap limit',
    cause: /memory/,
    options: ISOLATED,
    arm: (victims) => victims.map((each) => each.eat.remote()),
    isAtOnce: true,
  },
];

test('F6 the ways from inside are all there', () => {
  for (const way of Object.keys(INSIDE_DEATHS)) assert.ok(DEATHS.some(({ name }) => name === way));
});

for (const death of DEATHS) {
  test(`F6 ${death.name}, with a thousand calls in flight from each of three threads: each is settled once and told the truth`, async () => {
    await using harness = await RuntimeHarness.start({ workers: 3 });
    const supervisor = Counter.options({ placement: 'system', maxRestarts: 1 }).remote();
    await supervisor.increment.remote();
    const dying = Victim.options({ ...death.options }).remote();
    const attackers = [Attacker.remote(), Attacker.remote()] as const;
    const restarting = Victim.options({ ...death.options, maxRestarts: 1, maxConcurrency: 10 }).remote();
    const victims = [dying, restarting];
    await valuesOf([
      dying.ready.remote(),
      restarting.ready.remote(),
      ...attackers.map((each) => each.outcomes.remote()),
    ]);
    const threadOf = new Map(harness.runtime.listActors().map(({ actorId, workerId }) => [actorId, workerId!]));
    const [, dyingThread, firstThread, secondThread, restartingThread] = [...threadOf.values()];
    assert.equal(dyingThread === restartingThread, death.options?.isolation === undefined);
    assert.equal(new Set([dyingThread, firstThread, secondThread]).size, 3);

    const tally = new Tally(3 * CALLS + HANGING);
    const hanging = Array.from({ length: HANGING }, (_, at) => restarting.hang.remote(3 * CALLS + at, tally.memory));
    death.arm?.(victims);
    const gate = new Gate();
    if (death.isAtOnce === undefined) {
      void dying.block.remote(gate.memory);
      await gate.arrived();
    }
    await valuesOf(attackers.map((each, at) => each.call.remote(victims, (at + 1) * CALLS, CALLS, tally.memory)));
    const own = callMany(victims, 0, CALLS, tally.memory);
    death.strike?.(harness, [dyingThread!]);
    if (death.staysBlocked === undefined) gate.open();

    const outcomes = [
      ...(await valuesOf([Promise.all(own.map(outcomeOf))]))[0],
      ...(await valuesOf(attackers.map((each) => each.outcomes.remote()))).flat(),
    ];
    const hung = (await valuesOf([Promise.all(hanging.map(outcomeOf))]))[0];
    assert.equal(outcomes.length, 3 * CALLS);
    for (const [index, outcome] of outcomes.entries()) {
      const ran = tally.of(index);
      const isOfDying = index % 2 === 0;
      const truth = ran === 1 ? ['value', 'began'] : isOfDying ? ['unbegun'] : []; // The other runs its calls in its next life.
      assert.ok(ran <= 1 && truth.includes(outcome), `call ${index} ran ${ran} times: ${outcome}`);
    }
    assert.deepEqual(hung, new Array(HANGING).fill('began'));

    const rows = harness.runtime
      .listActors()
      .map(({ className, state, restartCount }) => [className, state, restartCount]);
    assert.deepEqual(rows, [
      ['Counter', 'ALIVE', 0],
      ['Attacker', 'ALIVE', 0],
      ['Attacker', 'ALIVE', 0],
      ['Victim', 'ALIVE', 1],
      ['Victim', 'DEAD', 0],
    ]);
    assert.match(harness.runtime.listActors().at(-1)!.deathCause!, death.cause);
    assert.equal(await supervisor.increment.remote(), 2);
    assert.equal(harness.runtime.stats().pendingCalls, 0);
  });
}
