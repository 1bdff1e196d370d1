import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readSourceTree, type SourceFile } from './source-tree.ts';

/** A source tree with these files in it, read from a directory that is gone when this resolves: for planted faults. */
export async function readPlanted(files: Readonly<Record<string, string>>): Promise<SourceFile[]> {
  const root = await mkdtemp(join(tmpdir(), 'heddle-house-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return await readSourceTree(root);
  } finally {
    await rm(root, { recursive: true });
  }
}
