/** A program from its start to its first answer: plain JavaScript, as packages ship it. */
import { writeSync } from 'node:fs';
import { init } from 'heddle';
import { Counter } from './counter.mjs';

await init();
writeSync(1, `${await Counter.remote().take.remote()}\n`);
process.exit(0);
