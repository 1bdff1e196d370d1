/**
 * `heddle backup FILE`: what the daemon knows, as one file, while it goes on working.
 *
 * The file is written here, by whoever asks, wherever the daemon runs; and it is looked at before success is said.
 */
import { open, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { HeddleError } from '@heddle/base';
import { Command } from 'commander';
import { addressOption, type ConnectionFlags, connect, jsonOption, type OutputFlags } from './options.ts';
import type { Shell } from './shell.ts';

/** The file could not be written, or what arrived is no whole backup. No file is left. */
class BackupFailedError extends HeddleError {
  override readonly name = 'BackupFailedError';
  override readonly code = 'BACKUP_FAILED';

  constructor(file: string, cause: unknown) {
    super(`Cannot back up to "${file}": ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

const NOTES = `
Example:
  heddle backup nightly.db

To restore, put the file into an empty directory as "state.db" and start a daemon on it. Logs are files beside it and
are not in it. Jobs that had not begun begin again there; jobs that ran are FAILED, for nobody there saw how they ended.`;

export function backupCommand(shell: Shell): Command {
  return new Command('backup')
    .description('write all that the daemon knows of its jobs to a file, while it works')
    .argument('<file>', 'a file that does not exist yet')
    .addOption(addressOption())
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .action(async (name: string, flags: ConnectionFlags & OutputFlags) => {
      const file = resolve(shell.directory, name);
      await writeNew(file, connect(flags, shell).streamBackup());
      const [jobs, { size: bytes }] = [await countJobs(file), await stat(file)];
      if (flags.json !== undefined) return shell.out.json({ file, jobs, bytes });
      await shell.out.line(`Backed up ${jobs === 1 ? '1 job' : `${jobs} jobs`} to ${file} (${bytes} bytes)`);
    });
}

/** Durable when it resolves. A file that is there already is left alone. */
async function writeNew(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(file, 'wx', 0o600).catch((error) => {
    throw new BackupFailedError(file, error);
  });
  try {
    for await (const piece of content) await handle.writeFile(piece);
    await handle.sync();
  } catch (error) {
    await rm(file, { force: true });
    throw error instanceof HeddleError ? error : new BackupFailedError(file, error);
  } finally {
    await handle.close();
  }
}

/** How many jobs are in it; only a whole file can tell. */
async function countJobs(file: string): Promise<number> {
  try {
    using database = new DatabaseSync(new URL('?immutable=1', pathToFileURL(file)), { readOnly: true });
    const [fault] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
    if (fault !== 'ok') throw new Error(String(fault));
    const row = database.prepare(`SELECT count(*) AS jobs FROM entries WHERE "table" = 'jobs'`).get();
    return Number(row?.jobs);
  } catch (error) {
    await rm(file, { force: true });
    throw new BackupFailedError(file, error);
  }
}
