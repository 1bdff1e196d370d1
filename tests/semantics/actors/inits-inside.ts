import { init, remote } from '@heddle/actors';

export const InitsInside = remote(
  import.meta,
  class InitsInside {
    async start(): Promise<void> {
      await init();
    }
  },
);
