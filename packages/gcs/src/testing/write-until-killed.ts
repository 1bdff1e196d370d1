/** Writes records without end, and names each on a line of its own once it is durable. Started by a test, which kills it. */
import { openGcs } from '../index.ts';

const gcs = await openGcs({ storage: 'sqlite', file: process.argv[2]! });
const table = gcs.table<number>('numbers');
await Promise.all(
  Array.from({ length: 8 }, async (_, writer) => {
    for (let n = 0; ; n++) {
      const { key } = await table.put(`${writer}-${n}`, n);
      process.stdout.write(`${key}\n`); // Waits where the pipe is full; a bare write would fail.
    }
  }),
);
