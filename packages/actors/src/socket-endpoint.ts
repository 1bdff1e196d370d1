import { decodeValue, Frame, type ReadFrame } from './frames.ts';
import type { SocketLink } from './socket-link.ts';
import type { ControlEndpoint } from './thread-control.ts';

type Listener = (event: { readonly data: unknown }) => void;

/** Control calls over a link to a process, beside its batches and outside its credit. */
export class SocketEndpoint {
  readonly #link: SocketLink;
  readonly #listeners = new Set<Listener>();

  constructor(link: SocketLink) {
    this.#link = link;
  }

  /** As comlink wants it. */
  get endpoint(): ControlEndpoint {
    return this as unknown as ControlEndpoint;
  }

  postMessage(message: unknown): void {
    this.#link.sendOther(Frame.Control, message);
  }

  received(frame: ReadFrame): void {
    const event = { data: decodeValue(frame.body) };
    for (const listener of [...this.#listeners]) listener(event);
  }

  addEventListener(_type: 'message', listener: Listener): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'message', listener: Listener): void {
    this.#listeners.delete(listener);
  }

  unref(): void {}
}
