/** Why a value cannot be sent, in words that `SerializationError` tells. */

/**
 * Objects nested deeper than this are refused. A driver's stack, the smallest, reads back about 2,400 levels;
 * a worker's could write ten times as many, and the driver would lose the batch.
 */
export const DEPTH_MAX = 1_500;

/** Thrown where something is met that cannot be sent. */
export class Unsendable {
  readonly problem: string;
  constructor(problem: string) {
    this.problem = problem;
  }
}

export const TOO_DEEP = new Unsendable(`it is nested deeper than ${DEPTH_MAX} levels`);

export function unsendableProblem(value: unknown): string {
  return typeof value === 'function'
    ? `a function${value.name ? ` ("${value.name}")` : ''} cannot be sent`
    : `a ${typeof value} cannot be sent`;
}

export function problemOf(error: unknown): string {
  if (error instanceof Unsendable) return error.problem;
  return error instanceof Error ? error.message : String(error);
}
