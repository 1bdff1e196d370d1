import { mkdtempSync } from 'node:fs';
import { startRuntime } from '@heddle/actors';
import { JobManager } from './job-manager.ts';

const directory = mkdtempSync('/tmp/dbg/');
const log = (level: string) => (f: object, m?: string) => console.log(level, m, f);
const logger: any = { debug: log('d'), info: log('i'), warn: log('w'), error: log('e'), child: () => logger };
const runtime = await startRuntime({ workers: 0 });
const m = await JobManager.open({ directory, runtime, logger, launcherIdleMs: 50 });
console.log(directory, m.stats());
const id = await m.submitJob({ entrypoint: 'echo hi; exit 3' });
await new Promise((r) => setTimeout(r, 1500));
console.log(await m.getJobInfo(id), runtime.listActors(), runtime.listWorkers(), JSON.stringify(m.stats()));
await m[Symbol.asyncDispose]();
await runtime[Symbol.asyncDispose]();
