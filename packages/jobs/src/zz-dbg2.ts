import { JobsHarness } from './testing/jobs-harness.ts';

try {
  await using harness = await JobsHarness.open();
  const id = await harness.submit('echo hi; exit 0', {
    submissionId: 'mine',
    workingDirectory: '/usr',
    metadata: { owner: 'me' },
  });
  console.log((await harness.untilOver(id)).status);
} catch (e: any) {
  console.log('ERR', e, e.error, e.suppressed);
}
