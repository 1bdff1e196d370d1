/** The launcher's process in one file: `node:` modules only, everything loaded at its start. */
export default {
  input: 'src/main.ts',
  platform: 'node',
  external: /^node:/,
  output: { file: 'dist/launcher.mjs', format: 'esm', sourcemap: true, codeSplitting: false },
};
