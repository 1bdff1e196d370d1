/** The file in which a thread or a process of the runtime begins: TypeScript in the source tree, JavaScript in a build. */
export function entryFile(name: string): URL {
  return new URL(import.meta.url.endsWith('.ts') ? `./${name}.ts` : `./${name}.js`, import.meta.url);
}
