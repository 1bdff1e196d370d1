/**
 * The faults that can be planted into the simulated product, to prove that the simulation would find them. Each is
 * one thing that a hasty author of a job manager would do.
 */
export const BUGS = {
  'accept-before-durable': 'the id is returned before the record is durable',
  'stop-before-durable': 'a stop is promised before its request is durable',
  'no-cas': 'tables put a record whatever its revision is',
  'stale-supervisor': 'a supervisor whose write conflicts writes all the same',
  'no-claim': 'the launcher launches whatever it is asked to launch, known or not',
  'spawn-before-claim': 'the launcher spawns before its claim is written',
  'running-before-spawn': 'the launcher says "started" when it has claimed',
  'exit-ignored': 'recovery takes no exits from the journal',
  'settle-before-durable': 'the launcher may forget an attempt before its end is durable in the record',
  'grace-restarted': 'each request to stop begins the grace anew',
  'stopped-before-gone': 'a stop is reported as done when the signal has been sent',
  'sweep-of-neighbours': 'the sweep takes the marks of other directories for its own',
  'signals-by-pid': 'a process is known by its pid alone, whatever boot it is of',
} as const;

export type BugName = keyof typeof BUGS;
export const BUG_NAMES = Object.keys(BUGS) as BugName[];
