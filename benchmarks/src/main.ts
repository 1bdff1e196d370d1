/**
 * `npm run bench [-- WORKLOAD... ] [--quick] [--rounds N] [--json FILE]`
 *
 * Each workload prints its speed of light beside Heddle's figure from the same run, as medians over interleaved
 * rounds, each arm in a fresh process, and their ratio. What counts is the ratio.
 */
import { writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { type Arm, type Figures, runArm } from './arm.ts';

interface Workload {
  readonly name: string;
  readonly unit: string;
  readonly size: number;
  readonly quickSize: number;
  readonly arms: readonly Arm[];
}

const WORKLOADS: readonly Workload[] = [
  {
    name: 'calls',
    unit: 'calls/s, 1,000 in flight, each awaited',
    size: 500_000,
    quickSize: 100_000,
    arms: [
      { name: 'bare postMessage', program: 'calls/post-message.ts', kind: 'light' },
      { name: 'heddle', program: 'calls/heddle.ts', kind: 'heddle' },
    ],
  },
  {
    name: 'jobs',
    unit: 'jobs/s, submit to terminal status, 16 at once',
    size: 2_000,
    quickSize: 400,
    arms: [
      { name: 'bare spawn', program: 'jobs/spawn.ts', kind: 'light' },
      { name: 'heddle', program: 'jobs/heddle.ts', kind: 'heddle' },
    ],
  },
];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (flags.help) {
  console.log(
    `Usage: npm run bench [-- WORKLOAD... --quick --rounds N --json FILE]\nWorkloads: ${WORKLOADS.map((each) => each.name).join(', ')}`,
  );
  process.exit(0);
}
const unknown = positionals.find((name) => !WORKLOADS.some((each) => each.name === name));
const rounds = Number(flags.rounds ?? (flags.quick ? 3 : 5));
if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
  console.error(
    unknown !== undefined
      ? `Cannot run benchmark "${unknown}": expected one of ${WORKLOADS.map((each) => each.name).join(', ')}`
      : `Cannot run "${flags.rounds}" rounds: expected an integer of 1 or more`,
  );
  process.exit(2);
}

console.log(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}`,
);
const results = [];
for (const workload of WORKLOADS.filter((each) => positionals.length === 0 || positionals.includes(each.name)))
  results.push(await run(workload));
if (flags.json !== undefined)
  await writeFile(flags.json, `${JSON.stringify({ node: process.version, rounds, results }, null, 2)}\n`);

async function run(workload: Workload) {
  const figures = new Map<Arm, Figures[]>(workload.arms.map((arm) => [arm, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const arm of workload.arms) {
      process.stderr.write(
        process.stderr.isTTY ? `\r\x1b[K${workload.name}: round ${round} of ${rounds}, ${arm.name}` : '',
      );
      figures.get(arm)!.push(await runArm(arm, flags.quick ? workload.quickSize : workload.size));
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const light = workload.arms.find((arm) => arm.kind === 'light')!;
  const lightPerSecond = median(figures.get(light)!.map((each) => each.perSecond));
  console.log(`\n${workload.name}: ${workload.unit}; median of ${rounds} rounds`);
  return workload.arms.map((arm) => {
    const perSecond = median(figures.get(arm)!.map((each) => each.perSecond));
    const cpuMsPer1000 = median(figures.get(arm)!.map((each) => each.cpuMsPer1000));
    const ratio = perSecond / lightPerSecond;
    console.log(
      `  ${arm.name.padEnd(18)} ${Math.round(perSecond).toLocaleString('en').padStart(12)}  ${ratio.toFixed(2).padStart(6)} ×  ${cpuMsPer1000.toFixed(2).padStart(8)} ms CPU per 1,000`,
    );
    return { workload: workload.name, arm: arm.name, perSecond, ratio, cpuMsPer1000 };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
