/** The same work in every arm of jobs: `true` by a shell, its output to a file, this many at once. */
export const AT_ONCE = 16;
export const ENTRYPOINT = 'true';

/** Runs `count` operations, `AT_ONCE` at a time. */
export async function concurrently(count: number, operation: () => Promise<void>): Promise<void> {
  let started = 0;
  const lane = async () => {
    while (started < count) {
      started++;
      await operation();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
