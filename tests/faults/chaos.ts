/**
 * Random SIGKILLs, by lot, of the daemon, the launcher, the supervisors' thread and jobs, with 20 jobs in flight.
 *
 * The kills come in rounds; each has a fleet in a directory of its own and a seed, made from the run's, by which it can
 * be had again: who is killed, and after what pause, hangs on nothing but the seed, and so does what the n-th job is to do.
 * How far jobs have come by then the machine decides. A round ends with the oracle. A double is a daemon that is killed and whose successor is killed, or its
 * launcher, while it recovers.
 */
import { isTerminal, type JobInfo } from '@heddle/api';
import { delay, realClock } from '@heddle/base';
import { Random } from '../simulation/random.ts';
import { Fleet, type Plan } from './fleet.ts';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  /** How many kills during recovery there are beside them. */
  readonly doubles: number;
}

const IN_FLIGHT = 20;
const KILLS_PER_ROUND = 40;
const SEEDS_PER_RUN = 10_000;
/** Who comes up at once is killed more often than a daemon, whose every start takes a while. */
const VICTIMS = [
  ...(['daemon', 'daemon', 'daemon and launcher', 'launcher', 'launcher'] as const),
  ...(['thread', 'thread', 'thread', 'job', 'job', 'job', 'job'] as const),
];

interface Counts {
  jobs: number;
  kills: number;
  doubles: number;
  byVictim: Map<string, number>;
  lostWithLauncher: number;
  longestReadyMs: number;
}

/** Gives whether everything held. */
export async function runChaos(options: ChaosOptions, say: (line: string) => void): Promise<boolean> {
  const counts: Counts = { jobs: 0, kills: 0, doubles: 0, byVictim: new Map(), lostWithLauncher: 0, longestReadyMs: 0 };
  for (let round = 0; counts.kills < options.kills || counts.doubles < options.doubles; round++) {
    const seed = options.seed * SEEDS_PER_RUN + round;
    try {
      await runRound(seed, options, counts);
    } catch (error) {
      say(`round with seed ${seed} FAILS: ${error instanceof Error ? error.stack : error}`);
      say(`again: npm run test:chaos -- --kills ${options.kills} --doubles ${options.doubles} --seed ${options.seed}`);
      return false;
    }
    say(
      `round ${round + 1}, seed ${seed}: ${counts.kills} kills, ${counts.doubles} doubles, ${counts.jobs} jobs: all held`,
    );
  }
  const victims = [...counts.byVictim].map(([victim, times]) => `${times} × ${victim}`).join(', ');
  say(`${counts.kills} kills and ${counts.doubles} kills during recovery (${victims}) under ${counts.jobs} jobs`);
  say('0 lost, 0 duplicated, 0 wrong, 0 leaked, 0 innocent');
  say(`${counts.lostWithLauncher} jobs ended as JOB_PROCESS_LOST with their launcher, as they must`);
  say(`a daemon was ready after ${Math.round(counts.longestReadyMs)} ms at most`);
  return true;
}

/**
 * What is drawn by lot, apart: how many jobs are made between two kills depends on how fast the machine is, and must not
 * change who is killed next.
 */
interface Lots {
  readonly kills: Random;
  readonly plans: Random;
  readonly stops: Random;
}

const lotsOf = (seed: number): Lots => ({
  kills: new Random(3 * seed),
  plans: new Random(3 * seed + 1),
  stops: new Random(3 * seed + 2),
});

async function runRound(seed: number, options: ChaosOptions, counts: Counts): Promise<void> {
  const lots = lotsOf(seed);
  await using fleet = await Fleet.open();
  await fleet.startDaemon();
  await fleet.canary({ lines: 1_000_000, pauseMs: 500, end: 0 });
  for (let kills = 0; kills < KILLS_PER_ROUND; kills++) {
    const isDouble = counts.doubles < options.doubles && (counts.kills >= options.kills || lots.kills.chance(0.2));
    if (!isDouble && counts.kills >= options.kills) break;
    await fillUp(fleet, lots);
    await delay(realClock, lots.kills.below(150));
    if (isDouble) {
      await killTwice(fleet, lots.kills, counts);
      counts.doubles++;
    } else {
      await killOne(fleet, lots.kills, counts);
      counts.kills++;
    }
  }
  const jobs = await fleet.check();
  counts.jobs += jobs.size;
  counts.lostWithLauncher += [...jobs.values()].filter(({ errorType }) => errorType === 'JOB_PROCESS_LOST').length;
  counts.longestReadyMs = Math.max(counts.longestReadyMs, fleet.longestReadyMs);
}

/** As many jobs as are to be in flight; some are asked to stop. */
async function fillUp(fleet: Fleet, { plans, stops }: Lots): Promise<void> {
  const open = (await fleet.daemon.list()).filter(({ status }: JobInfo) => !isTerminal(status));
  const submitting = Array.from({ length: IN_FLIGHT - open.length }, () => fleet.submit(planBy(plans)));
  await Promise.all(submitting);
  if (open.length > 0 && stops.chance(0.3)) void fleet.stop(stops.pick(open).submissionId).catch(() => {});
  if (stops.chance(0.3)) void fleet.submit(planBy(plans)).catch(() => {}); // One in the middle of being accepted.
}

function planBy(random: Random): Plan {
  const end = random.chance(0.2) ? 'SIGKILL' : random.below(4);
  return {
    lines: 1 + random.below(12),
    pauseMs: 100,
    end,
    ignoresTerm: random.chance(0.2),
    options: { gracePeriodMs: 200, ...(random.chance(0.1) ? { maxRetries: 1, retryDelayMs: 50 } : {}) },
  };
}

async function killOne(fleet: Fleet, random: Random, counts: Counts): Promise<void> {
  const victim = random.pick(VICTIMS);
  counts.byVictim.set(victim, (counts.byVictim.get(victim) ?? 0) + 1);
  switch (victim) {
    case 'daemon':
      await fleet.daemon.kill();
      return fleet.startAgain();
    case 'launcher':
      return fleet.killLauncher();
    case 'thread':
      await fleet.daemon.call('terminateSystemThread');
      return;
    case 'job':
      await fleet.killJob((count) => random.below(count));
      return;
    case 'daemon and launcher':
      await fleet.killLauncher();
      await fleet.daemon.kill();
      return fleet.startAgain();
  }
}

/** A daemon, and while the next one recovers, that one or the launcher. */
async function killTwice(fleet: Fleet, random: Random, counts: Counts): Promise<void> {
  const victim = random.pick(['daemon, then the next one', 'daemon, then the launcher'] as const);
  counts.byVictim.set(victim, (counts.byVictim.get(victim) ?? 0) + 1);
  await fleet.daemon.kill();
  if (victim === 'daemon, then the next one') {
    await fleet.killStartingDaemon(random.below(800));
  } else {
    const starting = fleet.beginDaemon();
    await delay(realClock, random.below(800));
    await fleet.killLauncher();
    const daemon = await starting.ready.catch(() => undefined);
    if (daemon !== undefined) return fleet.took(daemon);
  }
  await fleet.startAgain();
}
