import type { MessagePort } from 'node:worker_threads';

const ports = new Map<string, MessagePort>();

/** @internal */
export function keepPort(name: string, port: MessagePort): void {
  ports.get(name)?.close();
  ports.set(name, port);
}

/**
 * The port that the driver provided to this thread under `name` (`Runtime.provideToSystemThread`): the same
 * one on every call, so that the actors of a thread share it.
 */
export function threadPort(name: string): MessagePort {
  const port = ports.get(name);
  if (port === undefined) throw new TypeError(`Cannot find port "${name}": nobody provided one to this thread`);
  return port;
}
