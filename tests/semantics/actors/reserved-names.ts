import { remote } from '@heddle/actors';

/** Methods with names that a handle might want for itself. */
export const ReservedNames = remote(
  import.meta,
  class ReservedNames {
    actor(): string {
      return 'actor';
    }

    remote(): string {
      return 'remote';
    }

    method(): string {
      return 'method';
    }

    toString(): string {
      return 'toString';
    }
  },
);
