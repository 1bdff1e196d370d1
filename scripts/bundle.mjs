/**
 * Builds the JavaScript of the package in whose folder it runs: `node ../../scripts/bundle.mjs index worker-main`.
 *
 * Each name is an entry `src/<name>.ts` that becomes `dist/<name>.js`. What several of them need stands beside them
 * once, in two files: `common.js` what the first entry needs too, at once or later, `inner.js` the rest. So a thread
 * that starts reads a handful of files instead of a hundred, and little that it does not need. Entries behind a `--`
 * share nothing with those before it: for what is small and never in one thread with them.
 *
 * Heddle's packages are never built into one another, so that a class or a module's state exists once. All files
 * lie flat in `dist`, as in `src`: `new URL('./worker-main.js', import.meta.url)` holds wherever it comes to stand.
 * The types are written by `tsc`.
 */
import { copyFile, readdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';

const DIST = 'dist';
/** Of others' packages those that every thread loads: three files less, and none in CommonJS, which is one thing more to set up. */
const BUILT_IN = ['comlink', 'nanoid'];
const sourceOf = (entry) => `src/${entry}.ts`;

/** Files of an earlier build with other chunks must not be published. */
async function removeOld() {
  const names = await readdir(DIST, { recursive: true });
  const old = names.filter((name) => /\.m?js(\.map)?$/.test(name));
  await Promise.all(old.map((name) => rm(`${DIST}/${name}`)));
}

/** Whether a module is loaded with the first entry, or later by it. */
function needs(entry) {
  let needed;
  return (id, graph) => {
    needed ??= reach(resolve(sourceOf(entry)), graph);
    return needed.has(id);
  };
}

function reach(root, graph) {
  const reached = new Set([root]);
  for (const id of reached) {
    const module = graph.getModuleInfo(id);
    for (const next of [...(module?.importedIds ?? []), ...(module?.dynamicallyImportedIds ?? [])]) reached.add(next);
  }
  return reached;
}

/** Whoever copies code copies its licence. */
async function copyLicences(chunks) {
  for (const name of BUILT_IN) {
    const folder = `node_modules/${name}/`;
    const id = chunks.flatMap(({ moduleIds = [] }) => moduleIds).find((each) => each.includes(`/${folder}`));
    if (id === undefined) continue;
    const licence = `${id.slice(0, id.indexOf(`/${folder}`) + 1)}${folder}LICENSE`;
    await copyFile(licence, `${DIST}/LICENSE-${name}`);
  }
}

async function build(entries) {
  const isNeededByFirst = needs(entries[0]);
  await using bundle = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, sourceOf(entry)])),
    platform: 'node',
    external: (id) => /^[^./]/.test(id) && !BUILT_IN.includes(id),
    resolve: { mainFields: ['module', 'main'] },
  });
  const { output } = await bundle.write({
    dir: DIST,
    format: 'esm',
    sourcemap: true,
    chunkFileNames: '[name].js',
    comments: { legal: true, annotation: false, jsdoc: false },
    codeSplitting: {
      groups: [{ name: (id, graph) => (isNeededByFirst(id, graph) ? 'common' : 'inner'), minShareCount: 2 }],
    },
  });
  await copyLicences(output);
}

await removeOld();
const groups = process.argv.slice(2).join(' ').split(' -- ');
for (const group of groups) await build(group.split(' '));
