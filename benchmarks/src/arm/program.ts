/**
 * The frame of an arm's program: reads its plan and settings from the command line, does the work, and prints what
 * it found as the last line of its output, in JSON.
 *
 * What this build or machine cannot do is a finding (`unavailable`), anything else that fails ends the process.
 */
import type { Figures, Plan } from '../workload.ts';

export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Thrown where this build, or this machine, lacks what the workload needs. */
export class NotAvailableError extends Error {
  override readonly name = 'NotAvailableError';
}

export const notInThisBuild = (what: string): NotAvailableError =>
  new NotAvailableError(`not available in this build: ${what}`);

export async function runArmProgram(work: (plan: Plan, settings: Settings) => Promise<Figures>): Promise<void> {
  const { plan, settings } = JSON.parse(process.argv[2] ?? '{}') as { plan: Plan; settings: Settings };
  let figures: Figures;
  try {
    figures = await work(plan, settings);
  } catch (error) {
    if (!(error instanceof NotAvailableError)) throw error;
    figures = { value: 0, unavailable: error.message };
  }
  process.stdout.write(`\n${JSON.stringify(figures)}\n`, () => process.exit(0)); // What a peer leaves running must not hold the round up.
}
