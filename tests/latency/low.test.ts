import { BOUNDED, testSemanticsIn } from './in-mode.ts';

await testSemanticsIn('low', BOUNDED);
