/**
 * The guarantees do not depend on how threads wait: the tests of `tests/semantics` once more, in the other modes of
 * `latency`. With `npm test` those of calls and links, with `npm run test:latency` all of them.
 */
import { readdir } from 'node:fs/promises';
import { suite } from 'node:test';
import type { RuntimeOptions } from '@heddle/actors';
import { setLatency } from '../support/runtime-harness.ts';

const SEMANTICS = new URL('../semantics/', import.meta.url);

/** Registers the tests of these files, or of all, in this process, whose runtimes all wait in this way. */
export async function testSemanticsIn(latency: RuntimeOptions['latency'], files?: readonly string[]): Promise<void> {
  setLatency(latency);
  // Each in a suite of its own: the hooks of a file are for its own tests.
  for (const file of files ?? (await allFiles())) await suite(file, () => import(new URL(file, SEMANTICS).href));
}

/** First, because it counts what the process posts: comlink posts once more for each control port that is collected. */
const LINKS = 'links.test.ts';

async function allFiles(): Promise<string[]> {
  const others = (await readdir(SEMANTICS)).filter((name) => name.endsWith('.test.ts') && name !== LINKS);
  return [LINKS, ...others.sort()];
}

export const BOUNDED: readonly string[] = [LINKS, 'a-calls.test.ts'];
