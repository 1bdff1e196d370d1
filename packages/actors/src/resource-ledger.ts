/**
 * Who may have how much of what the machine offers: processors (`CPU`) and whatever else `init` declares.
 *
 * Pure accounting: nothing here measures or enforces use, and nobody waits here. Amounts are kept in units of
 * 0.0001, as Ray keeps them, so that fractions add up exactly.
 */
import { checkNumber, quote, wrongType } from '@heddle/base';

/** Amounts by name; a name that is missing is 0. Multiples of 0.0001, none negative. */
export type Resources = Readonly<Record<string, number>>;

/** The name under which processors are counted. Ray's too. */
export const CPU = 'CPU';

const UNITS = 10_000;

const toUnits = (amount: number): number => Math.round(amount * UNITS);

export class ResourceLedger {
  /** What there is in all. */
  readonly total: Resources;
  readonly #free: Map<string, number>;

  /** `total` as `resolveResources` gives it. */
  constructor(total: Resources) {
    this.total = total;
    this.#free = new Map(Object.entries(total).map(([name, amount]) => [name, toUnits(amount)]));
  }

  /** What nobody has. */
  get available(): Resources {
    return Object.fromEntries([...this.#free].map(([name, units]) => [name, units / UNITS]));
  }

  /** Whether `shape` could be taken now. */
  fits(shape: Resources): boolean {
    return Object.entries(shape).every(([name, amount]) => toUnits(amount) <= (this.#free.get(name) ?? 0));
  }

  /** Whether `shape` could be taken if nobody had anything. */
  canEverFit(shape: Resources): boolean {
    return Object.entries(shape).every(([name, amount]) => toUnits(amount) <= toUnits(this.total[name] ?? 0));
  }

  /** Takes all of `shape`, or nothing. False: it does not fit now. Whoever took it gives it back once. */
  take(shape: Resources): boolean {
    if (!this.fits(shape)) return false;
    for (const [name, amount] of Object.entries(shape)) this.#add(name, -toUnits(amount));
    return true;
  }

  giveBack(shape: Resources): void {
    for (const [name, amount] of Object.entries(shape)) {
      this.#add(name, toUnits(amount));
      if (this.#free.get(name)! > toUnits(this.total[name] ?? 0))
        throw new Error(`Cannot give back ${amount} of "${name}": more ${name} given back than was taken`);
    }
  }

  #add(name: string, units: number): void {
    this.#free.set(name, (this.#free.get(name) ?? 0) + units);
  }
}

/**
 * One shape of `numCpus` and `resources`; what is 0 is left out.
 * @throws TypeError for a wrong type, RangeError for a wrong amount; both quote it.
 */
export function resolveResources(action: string, numCpus: unknown, resources: unknown): Resources {
  checkAmount(action, 'numCpus', numCpus);
  if (typeof resources !== 'object' || resources === null || Array.isArray(resources))
    throw wrongType(action, 'resources', resources, 'an object of amounts by name');
  if (CPU in resources)
    throw new RangeError(
      `Cannot ${action} with resources.${CPU} ${quote((resources as Resources)[CPU])}: use numCpus instead`,
    );
  for (const [name, amount] of Object.entries(resources)) checkAmount(action, `resources.${name}`, amount);
  const amounts = Object.entries({ [CPU]: numCpus, ...resources });
  return Object.fromEntries(amounts.filter(([, amount]) => amount > 0));
}

function checkAmount(action: string, name: string, amount: unknown): asserts amount is number {
  checkNumber(action, name, amount, { min: 0, max: AMOUNT_MAX });
  if (Math.abs(amount * UNITS - toUnits(amount)) > 1e-6 * Math.max(1, amount))
    throw new RangeError(`Cannot ${action} with ${name} ${amount}: expected a multiple of ${1 / UNITS}`);
}

/** Beyond it units are no exact numbers any more. */
const AMOUNT_MAX = 1e11;
