import { describeStorage } from './testing/describe-storage.ts';
import { KINDS } from './testing/gcs-harness.ts';

for (const kind of KINDS) describeStorage(kind);
