/**
 * Numbers of threads and processes: what a link calls its other end, what an actor's place is told by, and the
 * upper half of the keys that a thread makes. Threads have Node's number; a process that hosts an actor has one
 * of the second million, given by the driver.
 */
export const FIRST_PROCESS = 2 ** 20;

export const isProcess = (peer: number): boolean => peer >= FIRST_PROCESS;

/** The number of the process that was the `count`th to be started. Long gone ones' numbers come again. */
export const processNumber = (count: number): number => FIRST_PROCESS + (count % FIRST_PROCESS);
