/**
 * How a `GcsClient` reaches the `GcsServer`: over a port to the thread that has it, or directly within one thread.
 *
 * What is sent in order arrives in order, both ways. A wire that ends says so by `ended`, once, after everything that
 * arrived before; one that its own client closes says nothing more.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { decodeError } from '@heddle/base';
import { StorageError } from './errors.ts';
import type { GcsServer, ServerConnection } from './gcs-server.ts';
import type { Cancel, Reply, Request, ServerMessage } from './protocol.ts';
import { servePort } from './serve-port.ts';

export interface WireReceiver {
  replied(replies: readonly Reply[]): void;
  ended(reason: Error): void;
}

export interface Wire {
  /** Called once, before anything is sent. */
  open(receiver: WireReceiver): void;
  send(requests: readonly (Request | Cancel)[]): void;
  /** A port at which the server serves one client more. */
  connect(): MessagePort;
  /** Whether somebody waits for the server, so that the thread must not end. */
  hold(isWaited: boolean): void;
  /** Resolves when what this wire owns at its far end is closed. */
  close(): Promise<void>;
}

/** Over a port. `farEnd`, for the owner of the storage thread: resolves when that has exited, with the cause if it crashed. */
export class PortWire implements Wire {
  readonly #port: MessagePort;
  readonly #farEnd: (() => Promise<unknown>) | undefined;
  #isOver = false;

  constructor(port: MessagePort, farEnd?: () => Promise<unknown>) {
    this.#port = port;
    this.#farEnd = farEnd;
  }

  open(receiver: WireReceiver): void {
    this.#port.on('message', (message: ServerMessage) => {
      if (this.#isOver) return;
      if ('replies' in message) return receiver.replied(message.replies);
      this.#isOver = true;
      receiver.ended(decodeError(message.ended));
    });
    this.#port.on('close', () => void this.#lost(receiver));
    this.#port.unref();
  }

  send(requests: readonly (Request | Cancel)[]): void {
    this.#port.postMessage({ requests });
  }

  connect(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#port.postMessage({ connect: port1 }, [port1]);
    return port2;
  }

  hold(isWaited: boolean): void {
    if (isWaited) this.#port.ref();
    else this.#port.unref();
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#port.close();
    const cause = await this.#farEnd?.();
    if (cause !== undefined)
      throw new StorageError('Cannot close tables: their thread crashed', { isFinal: true, cause });
  }

  /** Closed without a last word: the thread of the server is gone. */
  async #lost(receiver: WireReceiver): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const cause = await this.#farEnd?.();
    receiver.ended(new StorageError('Cannot reach the tables: their thread ended', { isFinal: true, cause }));
  }
}

/** Within the thread that has the server, which this wire owns. */
export class LocalWire implements Wire {
  readonly #server: GcsServer;
  #connection: ServerConnection | undefined;

  constructor(server: GcsServer) {
    this.#server = server;
  }

  open(receiver: WireReceiver): void {
    this.#connection = this.#server.connect({
      deliver: (message) => {
        if ('replies' in message) receiver.replied(message.replies);
        else receiver.ended(decodeError(message.ended));
      },
      end: () => {},
    });
  }

  send(requests: readonly (Request | Cancel)[]): void {
    this.#connection?.receive(requests);
  }

  connect(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    servePort(this.#server, port1);
    port1.unref(); // Serving others is no reason for this thread to go on.
    return port2;
  }

  hold(): void {}

  async close(): Promise<void> {
    this.#connection?.close();
    this.#server[Symbol.dispose]();
  }
}
