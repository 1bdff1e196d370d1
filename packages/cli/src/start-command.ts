/** `heddle start`: a daemon in the foreground. */
import { resolve } from 'node:path';
import { DEFAULT_PORT } from '@heddle/api';
import { Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from './log-level.ts';
import { parseNames, parsePort } from './options.ts';
import type { Shell } from './shell.ts';

interface StartFlags {
  readonly directory: string;
  readonly host: string;
  readonly port: number;
  readonly passEnv?: string[];
  readonly logLevel: LogLevel;
}

const NOTES = `
Examples:
  heddle start
  heddle start --directory /var/lib/heddle --port 8300 --log-level warn 2> heddle.log
  HEDDLE_TOKEN=... heddle start --host 0.0.0.0

Its own log goes to standard error, one JSON object a line. SIGTERM and Ctrl-C end it in order within 5 s;
running jobs go on, and the next daemon on the directory takes them over. A second signal ends it at once.
Jobs inherit PATH, HOME, the language and proxy settings and little else; --pass-env adds to that.`;

export function startCommand(shell: Shell): Command {
  return new Command('start')
    .description('run a daemon: runtime, job manager and HTTP API')
    .option('--directory <path>', 'where its state is kept', '.heddle')
    .option('--host <name>', 'where to listen; off this machine only with a token in $HEDDLE_TOKEN', '127.0.0.1')
    .option('--port <number>', '0 for any free one', parsePort, DEFAULT_PORT)
    .option('--pass-env <NAME>', 'a variable that every job inherits; may be repeated', parseNames)
    .addOption(new Option('--log-level <level>', 'what is logged').choices(LOG_LEVELS).default('info'))
    .addHelpText('after', NOTES)
    .action(async (flags: StartFlags) => {
      const options = {
        directory: resolve(shell.directory, flags.directory),
        host: flags.host,
        port: flags.port,
        token: shell.environment.HEDDLE_TOKEN || undefined,
        passEnv: flags.passEnv ?? [],
      };
      // Loaded here: no other command needs threads, tables and a server.
      const [{ runDaemon }, { createLogger }] = await Promise.all([import('./daemon.ts'), import('./log.ts')]);
      await runDaemon(options, shell, createLogger(flags.logLevel));
      shell.exit(0); // A thread or a socket that is slow to go shall not hold an ended daemon.
    });
}
