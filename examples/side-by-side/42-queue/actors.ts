import { type Queue, remote } from 'heddle';

export const Baker = remote(
  import.meta,
  class Baker {
    async bake(queue: Queue<string>, count: number): Promise<string> {
      for (let number = 1; number <= count; number++) await queue.put(`loaf ${number}`); // Waits while the shelf is full.
      return 'all baked';
    }
  },
);
