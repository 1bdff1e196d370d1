export * from '@heddle/actors';
