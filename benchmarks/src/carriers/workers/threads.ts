import { expose } from 'threads/worker';
import { take } from './count.ts';

expose({ take });
