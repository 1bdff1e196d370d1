import type { ChildProcess } from 'node:child_process';

/** What a process that a test has started says first. @throws when it ends without a word, so that nobody waits for ever. */
export async function firstWords({ stdout }: ChildProcess): Promise<string> {
  for await (const words of stdout!.iterator({ destroyOnReturn: false })) return String(words).trim();
  throw new Error('the process has ended without a word');
}
