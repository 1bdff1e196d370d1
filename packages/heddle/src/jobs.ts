export * from '@heddle/jobs';
