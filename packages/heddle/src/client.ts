export * from '@heddle/client';
