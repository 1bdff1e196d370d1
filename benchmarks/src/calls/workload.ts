/** The same work in every arm: `increment` of a counter in another thread, 1,000 calls in flight, each awaited. */
export const IN_FLIGHT = 1_000;

export async function pipelined(count: number, call: () => PromiseLike<number>): Promise<void> {
  let last = 0;
  for (let done = 0; done < count; done += IN_FLIGHT) {
    const calls: PromiseLike<number>[] = [];
    for (let i = 0; i < IN_FLIGHT; i++) calls.push(call());
    for (const each of calls) {
      const value = await each;
      if (value !== last + 1 && last !== 0) throw new Error(`Cannot trust this arm: ${value} came after ${last}`);
      last = value;
    }
  }
}
