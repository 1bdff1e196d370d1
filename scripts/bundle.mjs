/**
 * Builds the JavaScript of the package in whose folder it runs: `node ../../scripts/bundle.mjs index worker-main`.
 *
 * Each name is an entry `src/<name>.ts` that becomes `dist/<name>.js`; what several need stands in chunks beside
 * them, once. A thread that starts reads a handful of files instead of a hundred. Other packages are never built in:
 * each stays its own, so a class or a module's state exists once. All files lie flat in `dist`, as in `src`:
 * `new URL('./worker-main.js', import.meta.url)` holds in whatever chunk it comes to stand. `tsc` writes the types.
 */
import { readdir, rm } from 'node:fs/promises';
import { rolldown } from 'rolldown';

const DIST = 'dist';

/** Files of an earlier build with other chunks must not be published. */
async function removeOld() {
  const names = await readdir(DIST, { recursive: true });
  const old = names.filter((name) => /\.m?js(\.map)?$/.test(name));
  await Promise.all(old.map((name) => rm(`${DIST}/${name}`)));
}

async function build(entries) {
  await using bundle = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])),
    platform: 'node',
    external: /^[^./]/,
  });
  await bundle.write({
    dir: DIST,
    format: 'esm',
    sourcemap: true,
    chunkFileNames: '[name].js',
    comments: { legal: true, annotation: false, jsdoc: false },
  });
}

await removeOld();
await build(process.argv.slice(2));
