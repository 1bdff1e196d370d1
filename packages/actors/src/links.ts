/**
 * The links of one thread, opened by the threads themselves on first use.
 *
 * A thread that wants to talk makes the port pair, keeps one end and hands the other over with
 * `postMessageToThread`. What it sends waits in the link until the other thread has taken its end: an end that
 * finds no owner closes only if nothing waits in it. If the other thread is gone the link closes as if the peer
 * had died. When two threads open at the same moment each keeps to the link it opened: answers go back the way
 * the call came, so order holds.
 *
 * The driver opens none: it has had a link to each of its threads from their start, and without one they are gone.
 */
import { MessageChannel, postMessageToThread, threadId } from 'node:worker_threads';
import type { Clock } from '@heddle/base';
import type { OwnBuilder } from './decoder.ts';
import type { Definitions } from './definitions.ts';
import type { Doorbells } from './doorbells.ts';
import type { Link, LinkEvents } from './link.ts';
import { LinkMemory } from './link-memory.ts';
import { LocalLink } from './local-link.ts';
import { outsideContext } from './outside-context.ts';
import { type LinkEnd, PortLink } from './port-link.ts';

/** What `postMessageToThread` carries. Two runtimes of one process tell their own by `runtime`. */
interface Opening {
  readonly heddle: 'open link';
  readonly runtime: string;
  readonly end: LinkEnd;
}

export class Links {
  readonly #runtime: string;
  readonly #definitions: Definitions;
  readonly #own: (link: Link) => OwnBuilder;
  readonly #events: LinkEvents;
  readonly #clock: Clock;
  readonly #isBackground: boolean;
  readonly #doorbells: Doorbells;
  /** The link by which this thread calls that one. */
  readonly #byPeer = new Map<number, Link>();
  readonly #all = new Set<PortLink>();
  readonly #onOpening = (message: unknown): void => this.#accept(message);

  /** `isBackground`: links do not keep the thread alive (the driver's); a worker lives by its links. */
  constructor(
    runtime: string,
    definitions: Definitions,
    own: (link: Link) => OwnBuilder,
    events: LinkEvents,
    clock: Clock,
    isBackground: boolean,
    doorbells: Doorbells,
  ) {
    this.#doorbells = doorbells;
    this.#runtime = runtime;
    this.#definitions = definitions;
    this.#own = own;
    this.#clock = clock;
    this.#isBackground = isBackground;
    this.#events = {
      received: (link, batch) => events.received(link, batch),
      dirty: (link) => events.dirty(link),
      woken: () => events.woken(),
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
    const link = this.#byPeer.get(peer) ?? (this.#isBackground ? undefined : this.#open(peer));
    return link?.isOpen ? link : undefined;
  }

  /** Takes one end of a link made elsewhere. */
  adopt(end: LinkEnd): PortLink {
    const bell = this.#doorbells.of(end.peer);
    const link = new PortLink(end, this.#definitions, this.#own, this.#events, bell);
    if (this.#isBackground) link.unref();
    this.#all.add(link);
    if (!this.#byPeer.has(end.peer)) this.#byPeer.set(end.peer, link);
    return link;
  }

  /** Takes one message that was posted to this thread, from whichever link has one. False: there is none. */
  takeOne(): boolean {
    for (const link of this.#all) {
      if (link.takeOne()) return true;
    }
    return false;
  }

  flushAtExit(): void {
    for (const link of this.#all) link.flushAtExit();
  }

  close(): void {
    process.off('workerMessage', this.#onOpening);
    for (const link of this.#all) link.close();
  }

  #open(peer: number): Link {
    if (peer === threadId) {
      const local = new LocalLink(peer, this.#definitions, this.#own, this.#events, this.#clock);
      this.#byPeer.set(peer, local);
      return local;
    }
    const { here, there } = makeLinkEnds(threadId, peer);
    const link = this.adopt(here);
    const opening: Opening = { heddle: 'open link', runtime: this.#runtime, end: there };
    link.hold();
    postMessageToThread(peer, opening, [there.port]).then(
      () => link.letGo(),
      () => link.close(),
    );
    return link;
  }

  #accept(message: unknown): void {
    const opening = message as Partial<Opening> | null;
    if (opening?.heddle === 'open link' && opening.runtime === this.#runtime) this.adopt(opening.end!);
  }

  #forget(link: Link): void {
    this.#all.delete(link as PortLink);
    if (this.#byPeer.get(link.peer) === link) this.#byPeer.delete(link.peer);
  }
}

export function makeLinkEnds(opener: number, acceptor: number): { here: LinkEnd; there: LinkEnd } {
  const { port1, port2 } = outsideContext(() => new MessageChannel()); // A port's messages come in the context of its making.
  const memory = new LinkMemory().buffer;
  return {
    here: { port: port1, memory, side: 0, peer: acceptor },
    there: { port: port2, memory, side: 1, peer: opener },
  };
}
