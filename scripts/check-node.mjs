// Runs first in every script, on whatever Node the script found: so it keeps to what old Nodes understand.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    [
      `Heddle needs Node 24 or newer, and this script runs on ${process.version}.`,
      `The repository pins Node 26.10.0 through npm for linux-x64, linux-arm64, darwin-x64, darwin-arm64 and win-x64;`,
      `here it is ${process.platform}-${process.arch}, and no pinned Node was found in node_modules/.bin.`,
      `What to do: run "npm ci --include=optional"; if your platform is not in the list, install Node 24 or newer and run the command again.`,
    ].join('\n'),
  );
  process.exit(1);
}
