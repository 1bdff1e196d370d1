import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Calls its first argument with the others, in no asynchronous context: for what serves many calls and must not
 * take itself for the one during which it began.
 */
export const outsideContext = AsyncLocalStorage.snapshot();
