/**
 * Amounts of resources by name: what a job asks for, what a daemon has, what is in use. Pure.
 *
 * The names are Ray's: `CPU`, `GPU`, `memory` (bytes), and whatever an operator names beside them. They are
 * accounted, not enforced: a job that asks for one processor may well use two.
 */
export type Amounts = Readonly<Record<string, number>>;

/** Names with an option of their own. */
export const NAMED_RESOURCES: readonly string[] = ['CPU', 'GPU', 'memory'];

/** Sums of fractions are not exact: 0.1 ten times must still fit into 1. */
const TOLERANCE = 1e-6;

/** What a submission says it needs. */
export interface Asked {
  readonly entrypointNumCpus: number | null;
  readonly entrypointNumGpus: number | null;
  readonly entrypointMemory: number | null;
  readonly entrypointResources: Amounts | null;
}

/** Everything that a job asks for, by name; what it does not ask for is not there. */
export function toDemand(asked: Asked): Amounts {
  const named = { CPU: asked.entrypointNumCpus, GPU: asked.entrypointNumGpus, memory: asked.entrypointMemory };
  const demand: Record<string, number> = {};
  for (const [name, amount] of Object.entries({ ...named, ...asked.entrypointResources }))
    if (amount !== null && amount > 0) demand[name] = amount;
  return demand;
}

/** Two jobs of one shape ask for the same. */
export const toShape = (demand: Amounts): string =>
  JSON.stringify(Object.entries(demand).sort(([a], [b]) => (a < b ? -1 : 1)));

export const fromShape = (shape: string): Amounts => Object.fromEntries(JSON.parse(shape));

/** The names of which `available` has too little. */
export const lackingOf = (demand: Amounts, available: Amounts): string[] =>
  Object.keys(demand).filter((name) => demand[name]! > (available[name] ?? 0) + TOLERANCE);

export function sumOf(all: Iterable<Amounts>): Amounts {
  const sum: Record<string, number> = {};
  for (const amounts of all)
    for (const [name, amount] of Object.entries(amounts)) sum[name] = (sum[name] ?? 0) + amount;
  return sum;
}

export function subtract(amounts: Amounts, less: Amounts): Amounts {
  const rest: Record<string, number> = { ...amounts };
  for (const [name, amount] of Object.entries(less)) rest[name] = (rest[name] ?? 0) - amount;
  return rest;
}
