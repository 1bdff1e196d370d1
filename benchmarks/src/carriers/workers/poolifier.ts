import { ThreadWorker } from 'poolifier';
import { take } from './count.ts';

export default new ThreadWorker(({ value }: { value: unknown } = { value: undefined }) => take(value));
