/**
 * The source of the packages, read once, as the checks of this folder want it: each file with what it imports and
 * with its code apart from its words. A reader of text, not a compiler: it knows comments, strings, templates and
 * regular expressions well enough for code that Biome has formatted.
 */
import { glob, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

export const ROOT = new URL('../..', import.meta.url).pathname;

export interface SourceFile {
  /** From the root, with slashes: `packages/gcs/src/index.ts`. */
  readonly path: string;
  readonly packageName: string;
  /** A test, or what only tests use. */
  readonly isTest: boolean;
  /** Every module that is imported, for types or values, as it is written there. */
  readonly imports: readonly string[];
  /** Those of them that are still there when the types are gone. */
  readonly valueImports: readonly string[];
  /** The code without comments; strings and templates are empty. */
  readonly code: string;
  readonly text: string;
}

const TOKENS =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?<=[(,=:[!&|?{};]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;
const IMPORT = /\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g;

const TYPE_IMPORT = /\b(?:import|export) type\b[^;]*?\bfrom\s*['"][^'"]+['"]/g;

export async function readSourceTree(root = ROOT): Promise<SourceFile[]> {
  const paths = await Array.fromAsync(glob('packages/*/src/**/*.ts', { cwd: root }));
  return Promise.all(paths.sort().map(async (path) => toSourceFile(path, await readFile(join(root, path), 'utf8'))));
}

/** The file that an import means, as a path from the root; undefined for what is not ours. */
export function resolveImport(importer: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(importer), specifier);
  const [, packageName, entry = 'index'] = /^(?:@heddle\/([^/]+)|(?:heddle)(?:\/([^/]+))?)$/.exec(specifier) ?? [];
  if (packageName !== undefined) return `packages/${packageName}/src/index.ts`;
  return /^heddle(\/|$)/.test(specifier) ? `packages/heddle/src/${entry}.ts` : undefined;
}

function toSourceFile(path: string, text: string): SourceFile {
  const words = text.replaceAll(TOKENS, (token) => (/^['"]/.test(token) ? token : blank(token)));
  return {
    path,
    packageName: path.split('/')[1]!,
    isTest: path.endsWith('.test.ts') || path.includes('/testing/'),
    imports: importsIn(words),
    valueImports: importsIn(words.replaceAll(TYPE_IMPORT, '')),
    code: text.replaceAll(TOKENS, blank),
    text,
  };
}

const importsIn = (words: string): string[] => [...words.matchAll(IMPORT)].map((match) => match[1]!);

/** Nothing in its place, on as many lines, so that a line number stays true. */
function blank(token: string): string {
  const lines = token.replaceAll(/[^\n]/g, '');
  return /^[`'"]/.test(token) ? `${token[0]}${lines}${token[0]}` : lines || ' ';
}
