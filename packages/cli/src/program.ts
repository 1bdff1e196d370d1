/** The commands, and how a command line becomes an exit code. */
import { HEDDLE_VERSION } from '@heddle/api';
import { Command, CommanderError } from 'commander';
import { backupCommand } from './backup-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { EndWith, EXIT_USAGE, toFailure } from './failure.ts';
import { jobCommand } from './job-commands.ts';
import { listCommand } from './list-command.ts';
import type { Shell } from './shell.ts';
import { startCommand } from './start-command.ts';
import { statusCommand } from './status-command.ts';
import { stopCommand } from './stop-command.ts';

const EXAMPLES = `
Examples:
  heddle start                              run a daemon; jobs outlive it
  heddle job submit -- 'sort x | uniq -c'   run a command and follow its log
  heddle job list

The daemon is asked at --address, else at $HEDDLE_ADDRESS; $HEDDLE_TOKEN is sent where it is set.`;

/** Runs one command line. Resolves with the exit code; what went wrong has been said, in one line. */
export async function run(words: readonly string[], shell: Shell): Promise<number> {
  try {
    await createProgram(shell).parseAsync([...words], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return usageCode(error); // Commander has said it.
    if (error instanceof EndWith) return error.exitCode;
    const failure = toFailure(error);
    await shell.err.line(`heddle: ${failure.text}`);
    return failure.exitCode;
  }
}

function createProgram(shell: Shell): Command {
  const program = new Command('heddle')
    .description('durable jobs and actors on this machine')
    .version(HEDDLE_VERSION)
    .enablePositionalOptions()
    .addCommand(startCommand(shell))
    .addCommand(stopCommand(shell))
    .addCommand(statusCommand(shell))
    .addCommand(jobCommand(shell))
    .addCommand(listCommand(shell))
    .addCommand(backupCommand(shell))
    .addCommand(doctorCommand(shell))
    .addHelpText('after', EXAMPLES);
  forEachCommand(program, (command) => {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => void shell.out.write(text),
      writeErr: (text) => void shell.err.write(text),
      outputError: (text, write) => write(oneLine(text, command)),
    });
  });
  return program;
}

function forEachCommand(command: Command, action: (command: Command) => void): void {
  action(command);
  for (const child of command.commands) forEachCommand(child, action);
}

/** Commander's "error: …", with its suggestion, on one line, and where to read how it is said. */
function oneLine(text: string, command: Command): string {
  const line = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
  return line === '' ? '' : `heddle: ${line}; see "${nameOf(command)} --help"\n`;
}

const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;

/** Commander says 1 of every wrong command line; here that means a job that failed. */
const usageCode = (error: CommanderError): number => (error.exitCode === 0 ? 0 : EXIT_USAGE);
