import { remote } from 'heddle';

export const Clerk = remote(
  import.meta,
  class Clerk {
    take(_paper: object): string {
      return 'taken';
    }

    give(): object {
      return { desk: { key: () => 'a function stays where it is' } };
    }
  },
);
