/**
 * The frame of an arm's program: reads its plan and settings from the command line, does the work, and prints what
 * it found as the last line of its output, in JSON.
 *
 * Whatever fails ends the process, and the runner shows the arm as failed.
 */
import type { Figures, Plan } from '../workload.ts';

export type Settings = Readonly<Record<string, string | number | boolean>>;

export async function runArmProgram(work: (plan: Plan, settings: Settings) => Promise<Figures>): Promise<void> {
  const { plan, settings } = JSON.parse(process.argv[2] ?? '{}') as { plan: Plan; settings: Settings };
  const figures = await work(plan, settings);
  process.stdout.write(`\n${JSON.stringify(figures)}\n`, () => process.exit(0)); // What a peer leaves running must not hold the round up.
}
