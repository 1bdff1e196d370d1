/**
 * Ctrl-C, SIGTERM or a terminal that goes: a program clears up first, and then dies of that signal, as whoever
 * waits for it expects. A second one ends it at once.
 */
export function clearUpWhenInterrupted(clearUp: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      const die = () => process.kill(process.pid, signal); // Nobody listens for it any more.
      clearUp().then(die, (error: unknown) => {
        console.error(error);
        die();
      });
    });
}
