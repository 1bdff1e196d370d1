import { remote } from 'heddle';

export const Tenant = remote(
  import.meta,
  class Tenant {
    here(): string {
      return 'moved in';
    }
  },
);

export const work = remote(import.meta, function work(): string {
  return 'worked';
});

export const peep = remote(import.meta, function peep(): string {
  return 'peeped';
});
