/**
 * A daemon in a process of its own, to be killed: opens a client, launches one job, says its launcher's pid.
 *
 *   node daemon.ts <launcher directory> <request as JSON> [grace]
 *
 * With a grace it waits until the job has said something, and asks for its stop.
 */
import { readFileSync } from 'node:fs';
import type { LaunchRequest } from '../attempt.ts';
import { LauncherClient } from '../launcher-client.ts';
import { until } from './harness.ts';

const [directory = '', json = '', grace] = process.argv.slice(2);
const launcher = await LauncherClient.open({ directory, idleMs: 60_000 });
const request = JSON.parse(json) as LaunchRequest;
await launcher.launch(request);
if (grace !== undefined) {
  await until('the job is up', () => readFileSync(request.logFile).length > 0);
  void launcher.stop(request.attemptId, { signal: 'SIGTERM', graceMs: Number(grace) });
}
await launcher.status(); // The stop before it has arrived.
process.stdout.write(`${launcher.pid}\n`);
// The connection keeps it alive.
