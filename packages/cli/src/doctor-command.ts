/** `heddle doctor`: what this machine can do for jobs, and what to do where that is not enough. */
import { resolve } from 'node:path';
import type { Finding } from '@heddle/jobs';
import { Command } from 'commander';
import { EndWith, EXIT_FAILED } from './failure.ts';
import { jsonOption, type OutputFlags } from './options.ts';
import type { Shell } from './shell.ts';
import { printable, type Terminal } from './terminal.ts';

interface DoctorFlags extends OutputFlags {
  readonly directory: string;
}

const NOTES = `
Example:
  heddle doctor --directory /var/lib/heddle

Looks at Node, /proc, control groups, the directory and its file system, the launcher, systemd and pid 1, and says of
each whether jobs can run, be stopped whole, and outlive the daemon. No daemon is needed, none is started, and nothing is
changed. Ends with code 1 if there is a problem, and with 0 if there are notes at most. On Linux it prints a unit for
systemd with which a daemon can be restarted while its jobs go on.`;

const COLOURS = { ok: 'green', note: 'yellow', problem: 'red' } as const;

export function doctorCommand(shell: Shell): Command {
  return new Command('doctor')
    .description('say what this machine can do for jobs, and what is in the way')
    .option('--directory <path>', "where the daemon's state is kept, or would be", '.heddle')
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .action((flags: DoctorFlags) => doctor(shell, flags));
}

async function doctor(shell: Shell, flags: DoctorFlags): Promise<void> {
  const { examineMachine } = await import('@heddle/jobs'); // No other command needs threads and tables for an answer.
  const { directory, unit, ...machine } = await examineMachine(resolve(shell.directory, flags.directory), shell.clock);
  const findings = [...machine.findings, judgeOutput(shell)];
  const isWell = findings.every(({ level }) => level !== 'problem');
  if (flags.json !== undefined) await shell.out.json({ isWell, directory, findings, unit });
  else await print(shell.out, findings, unit);
  if (!isWell) throw new EndWith(EXIT_FAILED);
}

async function print(out: Terminal, findings: readonly Finding[], unit: string): Promise<void> {
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, level, fact, advice } of findings) {
    const label = out.style(COLOURS[level], level.padEnd('problem'.length));
    await out.line(`${label}  ${check.padEnd(width)}  ${printable(fact)}`);
    if (advice !== undefined) await out.line(`${' '.repeat('problem'.length + width + 4)}${printable(advice)}`);
  }
  if (process.platform === 'linux') await out.line(`\n# heddle.service, for systemd\n${unit.trimEnd()}`);
}

/** Whether what is printed here has colours, and why. */
function judgeOutput({ out, environment }: Shell): Finding {
  const hasColours = out.style('bold', 'x') !== 'x';
  const why = out.isTerminal ? 'a terminal' : 'no terminal';
  const asked = environment.NO_COLOR ? ', and NO_COLOR is set' : '';
  return { check: 'output', level: 'ok', fact: `${why}${asked}: ${hasColours ? 'with' : 'without'} colours` };
}
