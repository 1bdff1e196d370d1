#!/usr/bin/env node
// Loaded only after the version was seen: an old Node could not even read what follows.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`heddle: Cannot run on Node ${process.versions.node}: Node 24 or newer is needed\n`);
  process.exit(1);
}
const { main } = await import('@heddle/cli');
await main();
