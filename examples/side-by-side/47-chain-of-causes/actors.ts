import { remote } from 'heddle';

export const Server = remote(
  import.meta,
  class Server {
    start(): void {
      throw new Error('bad configuration', { cause: new RangeError('no entry for port') });
    }
  },
);
