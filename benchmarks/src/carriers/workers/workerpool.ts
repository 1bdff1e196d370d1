import workerpool from 'workerpool';
import { take } from './count.ts';

workerpool.worker({ take });
