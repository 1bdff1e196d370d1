import { testSemanticsIn } from '../in-mode.ts';

await testSemanticsIn('balanced');
