import { init } from 'heddle';
import { measure, sizeFromCommandLine } from '../arm.ts';
import { Counter } from './counter.ts';
import { pipelined } from './workload.ts';

await using _runtime = await init();
const counter = Counter.remote();
await measure(sizeFromCommandLine(), (count) => pipelined(count, () => counter.increment.remote()));
