/** Every name that the runtime's package exports has a docstring: it is what an editor shows of it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const SOURCES = new URL('../../packages/actors/src/', import.meta.url);
const DECLARATION = /^export (?:async )?(?:class|function|const|interface|type) (\w+)/;

interface Exported {
  readonly file: string;
  /** All of the file, where that is undefined. */
  readonly names: readonly string[] | undefined;
}

function exportedBy(index: string): Exported[] {
  const statements = index.matchAll(/export (?:type )?(?:\{([^}]*)\}|\*) from '\.\/([\w-]+\.ts)'/g);
  return [...statements].map(([, names, file]) => ({
    file: file!,
    names: names?.split(',').flatMap((name) => name.replace(/\btype\b/, '').trim() || []),
  }));
}

/** The exported names of a file whose declaration has no docstring right before it. */
function undocumented(source: string, names: readonly string[] | undefined): string[] {
  const lines = source.split('\n').filter((line) => !line.startsWith('// biome-ignore'));
  const declared = lines.flatMap((line, at) => {
    const name = DECLARATION.exec(line)?.[1];
    return name === undefined ? [] : [{ name, isDocumented: lines[at - 1]!.trimEnd().endsWith('*/') }];
  });
  const meant = names ?? declared.map(({ name }) => name);
  return meant.filter((name) => !declared.some((each) => each.name === name && each.isDocumented));
}

test('every public name of the runtime has a docstring', async () => {
  const exported = exportedBy(await readFile(new URL('index.ts', SOURCES), 'utf8'));
  assert.ok(exported.length > 20);
  const missing: string[] = [];
  for (const { file, names } of exported)
    missing.push(
      ...undocumented(await readFile(new URL(file, SOURCES), 'utf8'), names).map((name) => `${file} ${name}`),
    );
  assert.deepEqual(missing, []);
});

test('a name without a docstring is found where it is planted', () => {
  const source = '/** Said. */\nexport class Said {}\n\nexport function silent(): void {}\n';
  assert.deepEqual(undocumented(source, undefined), ['silent']);
  assert.deepEqual(undocumented(source, ['Said']), []);
});
