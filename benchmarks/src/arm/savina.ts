/** Six programs of the Savina suite. Actors take turns between two threads, so that neighbours are on different ones. */
import { init } from 'heddle';
import { Ending, Player, Ring, Worker } from '../actors/savina.ts';
import { measure, microsecondsEach, type Piece, perSecond } from './measure.ts';
import { runArmProgram } from './program.ts';

const RING_SIZE = 100;
const RING_HOPS = 2_000;
const PING_PONGS = 500;
const COUNTS = 10_000;
const FORK_JOIN_WORKERS = 60;
const FORK_JOIN_MESSAGES = 100;
const CREATED = 1_000;
const BIG_ACTORS = 120;
const BIG_PINGS = 50;

function check(isRight: boolean, program: string): void {
  if (!isRight) throw new Error(`Cannot trust this arm: ${program} gave a wrong answer`);
}

/** Each gives the piece of work that is repeated. */
const PROGRAMS: Readonly<Record<string, () => Promise<Piece>>> = {
  async 'thread-ring'() {
    const ending = Ending.remote();
    const ring = Array.from({ length: RING_SIZE }, () => Ring.remote());
    await Promise.all(ring.map((node, i) => node.join.remote(ring[(i + 1) % RING_SIZE]!, ending)));
    return async () => {
      const ended = ending.wait.remote();
      ring[0]!.pass.remote(RING_HOPS - 1);
      await ended;
      const passes = await Promise.all(ring.map((node) => node.takePasses.remote()));
      check(
        passes.every((each) => each === RING_HOPS / RING_SIZE),
        'the thread ring',
      );
      return RING_HOPS;
    };
  },

  async 'ping-pong'() {
    const [ping, pong] = [Player.remote(), Player.remote()];
    let played = 0;
    return async () => {
      const sum = await ping.play.remote(pong, PING_PONGS);
      check(sum === PING_PONGS * played + (PING_PONGS * (PING_PONGS + 1)) / 2, 'ping-pong');
      played += PING_PONGS;
      return 2 * PING_PONGS; // One hop there and one back.
    };
  },

  async counting() {
    const [producer, counter] = [Player.remote(), Player.remote()];
    let counted = 0;
    return async () => {
      counted += COUNTS;
      check((await producer.produce.remote(counter, COUNTS)) === counted, 'counting');
      return COUNTS;
    };
  },

  async 'fork-join-throughput'() {
    const workers = Array.from({ length: FORK_JOIN_WORKERS }, () => Worker.remote());
    let done = 0;
    return async () => {
      const refs = [];
      for (let i = 0; i < FORK_JOIN_MESSAGES; i++) for (const worker of workers) refs.push(worker.work.remote(i));
      done += FORK_JOIN_MESSAGES;
      let last = 0;
      for (const ref of refs) last = await ref;
      check(last === done, 'fork-join throughput');
      return refs.length;
    };
  },

  async 'fork-join-creation'() {
    return async () => {
      const workers = Array.from({ length: CREATED }, () => Worker.remote());
      const refs = workers.map((worker) => worker.work.remote(1));
      let sum = 0;
      for (const ref of refs) sum += await ref;
      check(sum === CREATED, 'fork-join creation');
      for (const worker of workers) worker.release();
      return CREATED;
    };
  },

  async big() {
    const players = Array.from({ length: BIG_ACTORS }, () => Player.remote());
    await Promise.all(players.map((player) => player.meet.remote(players as never)));
    return async () => {
      const counts = await Promise.all(players.map((player, seed) => player.pingOthers.remote(seed, BIG_PINGS)));
      check(
        counts.every((each) => each === BIG_PINGS),
        'big',
      );
      return BIG_ACTORS * BIG_PINGS;
    };
  },
};

await runArmProgram(async (plan, { program }) => {
  await using _runtime = await init({ workers: 2 });
  const measured = await measure(plan, await PROGRAMS[program as string]!());
  return program === 'thread-ring' || program === 'ping-pong' ? microsecondsEach(measured) : perSecond(measured);
});
