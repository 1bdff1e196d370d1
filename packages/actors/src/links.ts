/**
 * The links of one thread, opened by the threads themselves on first use.
 *
 * A thread that wants to talk makes the port pair, keeps one end and hands the other over with
 * `postMessageToThread`. What it sends waits in the link until the other thread has taken its end: an end that
 * finds no owner closes only if nothing waits in it. If the other thread is gone the link closes as if the peer
 * had died. When two threads open at the same moment each keeps to the link it opened: answers go back the way
 * the call came, so order holds.
 *
 * A process that hosts an actor is dialled (`SocketDoor`). It dials other such processes itself, and threads not
 * at all, since they do not listen: it has itself introduced, that is, the driver asks the thread to dial.
 *
 * The driver opens none: it has had a link to each of its threads from their start, and without one they are gone.
 */
import { MessageChannel, postMessageToThread } from 'node:worker_threads';
import type { Clock } from '@heddle/base';
import type { OwnBuilder } from './decoder.ts';
import type { Definitions } from './definitions.ts';
import type { Doorbells } from './doorbells.ts';
import type { Link, LinkEvents } from './link.ts';
import { LinkMemory } from './link-memory.ts';
import { LocalLink } from './local-link.ts';
import { outsideContext } from './outside-context.ts';
import { isProcess } from './peer-number.ts';
import { type LinkEnd, PortLink } from './port-link.ts';
import type { SocketDoor } from './socket-door.ts';
import { SocketLink } from './socket-link.ts';

/** What `postMessageToThread` carries. Two runtimes of one process tell their own by `runtime`. */
interface Opening {
  readonly heddle: 'open link';
  readonly runtime: string;
  readonly end: LinkEnd;
}

export interface LinksOptions {
  readonly runtimeId: string;
  /** This thread's own number. */
  readonly self: number;
  readonly definitions: Definitions;
  readonly own: (link: Link) => OwnBuilder;
  readonly events: LinkEvents;
  readonly clock: Clock;
  /** Links do not keep the thread alive (the driver's); a worker lives by its links. */
  readonly isBackground: boolean;
  readonly doorbells: Doorbells;
  readonly door: SocketDoor;
  /** Asks the driver that the thread of that number dials this process. */
  readonly introduce: (peer: number) => void;
}

export class Links {
  readonly #options: LinksOptions;
  readonly #events: LinkEvents;
  /** The link by which this thread calls that one. */
  readonly #byPeer = new Map<number, Link>();
  readonly #all = new Set<PortLink | SocketLink>();
  readonly #ports: PortLink[] = [];
  /** Which of the ports was asked last. */
  #turn = 0;
  /** Links of this process to threads that were asked to dial. */
  readonly #expected = new Map<number, SocketLink>();
  readonly #onOpening = (message: unknown): void => this.#accept(message);

  constructor(options: LinksOptions) {
    this.#options = options;
    const { events } = options;
    this.#events = {
      received: (link, batch) => events.received(link, batch),
      dirty: (link) => events.dirty(link),
      woken: () => events.woken(),
      nothing: (link) => events.nothing(link),
      closed: (link) => {
        this.#forget(link);
        events.closed(link);
      },
    };
    process.on('workerMessage', this.#onOpening);
  }

  get size(): number {
    return this.#all.size;
  }

  /** The link to that thread, made if there is none; undefined when the thread is known to be gone. */
  to(peer: number): Link | undefined {
    const link = this.#byPeer.get(peer) ?? (this.#options.isBackground ? undefined : this.#open(peer));
    return link?.isOpen ? link : undefined;
  }

  /** Takes one end of a link made elsewhere. */
  adopt(end: LinkEnd): PortLink {
    const bell = this.#options.doorbells.of(end.peer);
    const link = new PortLink(end, this.#options.definitions, this.#options.own, this.#events, bell);
    if (this.#options.isBackground) link.unref();
    this.#add(link);
    return link;
  }

  /** This thread is about to sleep. False: it must not, something has come. Otherwise whoever has something wakes it. */
  sleep(): boolean {
    const ports = this.#ports;
    for (let i = 0; i < ports.length; i++) ports[i]!.setAsleep(true);
    for (let i = 0; i < ports.length; i++) {
      if (!ports[i]!.hasMore) continue;
      this.rise();
      return false;
    }
    return true;
  }

  /** This thread is up, and looks into its links before it sleeps again. */
  rise(): void {
    const ports = this.#ports;
    for (let i = 0; i < ports.length; i++) ports[i]!.setAsleep(false);
  }

  /** Takes one batch that has come to this thread, from each link in its turn. False: there is none. */
  takeOne(): boolean {
    const ports = this.#ports;
    for (let asked = 0; asked < ports.length; asked++) {
      this.#turn = (this.#turn + 1) % ports.length;
      if (ports[this.#turn]!.takeOne()) return true;
    }
    return false;
  }

  /** A link to a process, or of a process, that has no connection yet. */
  makeSocketLink(peer: number): SocketLink {
    const link = new SocketLink(peer, this.#options.definitions, this.#options.own, this.#events);
    this.#add(link);
    return link;
  }

  /** Has other processes and threads connect to this process. */
  listen(listening: () => void): void {
    this.#options.door.listen((peer) => {
      const expected = this.#expected.get(peer);
      this.#expected.delete(peer);
      return expected ?? this.makeSocketLink(peer);
    }, listening);
  }

  /** The thread that this process asked for is gone. */
  noPeer(peer: number): void {
    this.#expected.get(peer)?.close();
  }

  flushAtExit(): void {
    for (const link of this.#all) link.flushAtExit();
  }

  close(): void {
    process.off('workerMessage', this.#onOpening);
    for (const link of this.#all) link.close();
  }

  #add(link: PortLink | SocketLink): void {
    this.#all.add(link);
    if (link instanceof PortLink) this.#ports.push(link);
    if (!this.#byPeer.has(link.peer)) this.#byPeer.set(link.peer, link);
  }

  #open(peer: number): Link {
    const { self, door, introduce } = this.#options;
    if (peer === self) return this.#openLocal();
    if (isProcess(peer)) {
      const link = this.makeSocketLink(peer);
      door.dial(link);
      return link;
    }
    if (!isProcess(self)) return this.#openPort(peer);
    const link = this.makeSocketLink(peer);
    this.#expected.set(peer, link);
    introduce(peer);
    return link;
  }

  #openLocal(): Link {
    const { self, definitions, own, clock } = this.#options;
    const local = new LocalLink(self, definitions, own, this.#events, clock);
    this.#byPeer.set(self, local);
    return local;
  }

  #openPort(peer: number): Link {
    const { self, runtimeId } = this.#options;
    const { here, there } = makeLinkEnds(self, peer);
    const link = this.adopt(here);
    const opening: Opening = { heddle: 'open link', runtime: runtimeId, end: there };
    link.hold();
    postMessageToThread(peer, opening, [there.port]).then(
      () => link.letGo(),
      () => link.close(),
    );
    return link;
  }

  #accept(message: unknown): void {
    const opening = message as Partial<Opening> | null;
    if (opening?.heddle === 'open link' && opening.runtime === this.#options.runtimeId) this.adopt(opening.end!);
  }

  #forget(link: Link): void {
    this.#all.delete(link as PortLink | SocketLink);
    const port = this.#ports.indexOf(link as PortLink);
    if (port !== -1) this.#ports.splice(port, 1);
    if (this.#expected.get(link.peer) === link) this.#expected.delete(link.peer);
    if (this.#byPeer.get(link.peer) === link) this.#byPeer.delete(link.peer);
  }
}

export function makeLinkEnds(opener: number, acceptor: number): { here: LinkEnd; there: LinkEnd } {
  const { port1, port2 } = outsideContext(() => new MessageChannel()); // A port's messages come in the context of its making.
  const words = new LinkMemory();
  words.setAsleep(0, true); // A side that nobody has taken yet is woken by what the port keeps for it.
  words.setAsleep(1, true);
  const memory = words.buffer;
  return {
    here: { port: port1, memory, side: 0, peer: acceptor },
    there: { port: port2, memory, side: 1, peer: opener },
  };
}
