import { BOUNDED, testSemanticsIn } from './in-mode.ts';

await testSemanticsIn('idle', BOUNDED);
