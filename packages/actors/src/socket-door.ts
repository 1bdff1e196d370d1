/**
 * Connections between processes: dials those that listen, and listens in a process that hosts an actor.
 *
 * Only such processes listen, each at a path of its own in the runtime's private folder. A connection begins with
 * a Hello of the side that dialled: who it is, and the file that holds the words of the link, which the other side
 * opens and takes away.
 */
import type { Server, Socket } from 'node:net';
import type { Clock } from '@heddle/base';
import { BegunFile } from './begun-file.ts';
import { decodeValue, encodeFrame, Frame, FrameReader, type ReadFrame } from './frames.ts';
import { net, path } from './late-builtins.ts';
import { socketPath } from './socket-folder.ts';
import type { SocketLink } from './socket-link.ts';

interface Hello {
  readonly peer: number;
  readonly file: string;
}

/** How long to wait before a connection that the system had no means for is tried again. */
const RETRY_MS = 50;

/** These say that nobody listens there any more; anything else may pass. */
const GONE = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

export class SocketDoor {
  readonly #self: number;
  readonly #folder: string;
  readonly #clock: Clock;
  #dialled = 0;

  /** `self`: who dials. */
  constructor(self: number, folder: string, clock: Clock) {
    this.#self = self;
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Connects `link` to its peer, which has said that it listens. It closes if the peer is gone. */
  dial(link: SocketLink): void {
    let file: BegunFile;
    try {
      file = BegunFile.create(path().join(this.#folder, `${this.#self}-${link.peer}-${this.#dialled++}`));
    } catch (error) {
      this.#failed(link, error);
      return;
    }
    const socket = net().connect(socketPath(this.#folder, link.peer));
    const onError = (error: Error): void => {
      file.close();
      this.#failed(link, error);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      const hello: Hello = { peer: this.#self, file: path().basename(file.path!) };
      socket.write(encodeFrame(Frame.Hello, 0, hello));
      link.attach({ socket, file, side: 0 });
    });
  }

  /** Listens as `self`. `linkFor` gives the link that a connection from that peer belongs to. */
  listen(linkFor: (peer: number) => SocketLink, listening: () => void): Server {
    const server = net().createServer((socket) => this.#greet(socket, linkFor));
    server.listen(socketPath(this.#folder, this.#self), listening);
    return server;
  }

  #greet(socket: Socket, linkFor: (peer: number) => SocketLink): void {
    const reader = new FrameReader();
    let take = (frame: ReadFrame): void => {
      const hello = decodeValue(frame.body) as Hello;
      const file = BegunFile.take(path().join(this.#folder, path().basename(hello.file)));
      const link = linkFor(hello.peer);
      take = (next) => link.receive(next);
      link.attach({ socket, file, side: 1, isRead: true });
    };
    socket.on('data', (chunk: Buffer) => reader.push(chunk, (frame) => take(frame)));
    socket.on('error', () => {}); // It closes, and with it the link.
  }

  #failed(link: SocketLink, error: unknown): void {
    if (GONE.has(String((error as NodeJS.ErrnoException).code))) link.close();
    else this.#clock.after(RETRY_MS, () => link.isOpen && this.dial(link), { background: true });
  }
}
