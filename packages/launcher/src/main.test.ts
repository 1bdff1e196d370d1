import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

/** What a source file loads when it runs, statically and not. */
function importsOf(source: string): { readonly fixed: string[]; readonly dynamic: boolean } {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+'([^']+)';|^import\s+'([^']+)';/gm);
  return {
    fixed: Array.from(statements, ([, from, bare]) => from ?? bare!),
    dynamic: /\bimport\(|\brequire\(|createRequire/.test(code),
  };
}

/** Built into the launcher's one file. */
const BUNDLED = ['tree-kill'];

test("the launcher's process loads node: modules and its own files only, all of them at its start", () => {
  const seen = new Set<string>();
  const visit = (file: URL): void => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    const { fixed, dynamic } = importsOf(readFileSync(file, 'utf8'));
    assert.equal(dynamic, false, `${file.pathname} loads something later`);
    for (const specifier of fixed) {
      if (specifier.startsWith('node:') || BUNDLED.includes(specifier)) continue;
      assert.ok(specifier.startsWith('./'), `${file.pathname} loads "${specifier}"`);
      visit(new URL(specifier, file));
    }
  };
  visit(new URL('./main.ts', import.meta.url));
  assert.ok(seen.size > 20);
});
