/**
 * A job's command: what a user writes, what is executed, and what is shown.
 *
 * A string is given to `/bin/sh -c` as it stands, never joined with anything. A list is executed exactly,
 * without a shell; only the list form tells a death by signal from an exit with 128 + N for certain.
 */
export type Entrypoint = string | readonly string[];

export const toArgv = (entrypoint: Entrypoint): readonly string[] =>
  typeof entrypoint === 'string' ? ['/bin/sh', '-c', entrypoint] : entrypoint;

/** The command as a shell would take it: what records and logs show of either form. */
export const toCommandText = (entrypoint: Entrypoint): string =>
  typeof entrypoint === 'string' ? entrypoint : entrypoint.map(quoteForShell).join(' ');

function quoteForShell(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
