/**
 * Does what all clients ask, in the order of arrival, with one commit for all that waits.
 *
 * Requests are queued until `schedule` runs the queue: in the storage thread that is after the ports have been
 * drained, so whatever arrived while the last commit waited for the disk shares the next. Within a commit each request
 * has its own outcome: a conflict fails one write and leaves the others alone. Replies leave only when the commit is
 * durable. If it fails, all its writes fail with the same `StorageError`, and its reads are done again, so that nobody
 * is shown what never came to be; if that error is final, so is this server.
 *
 * A watch that has nothing to tell yet is parked with its place in the log, and answered by the commit that brings it
 * something. The server owns the storage and the connections. It knows no ports: `servePort` does.
 */
import { encodeError, unreachable } from '@heddle/base';
import { GcsClosedError, RevisionCompactedError, RevisionConflictError, StorageError } from './errors.ts';
import type { Cancel, Reply, Request, RequestId, ServerMessage } from './protocol.ts';
import type { ChangePage, Storage } from './storage.ts';
import type { GcsStats } from './table.ts';

/** More than this waits for the next commit: a burst must not hold back its own first replies for seconds. */
const COMMIT_REQUESTS_MAX = 4_096;

/** Where a connection's messages go. `end` is called once, after the last message. */
export interface ClientEnd {
  deliver(message: ServerMessage): void;
  end(): void;
}

/**
 * Runs its argument soon, but not at once. `isBusy`: the last run had several writes, so more of them are on their way
 * and a moment's patience spares commits.
 */
export type Schedule = (run: () => void, isBusy: boolean) => void;

interface ParkedWatch {
  readonly table: string;
  readonly after: number;
}

interface Queued {
  readonly connection: ServerConnection;
  readonly request: Request;
}

/** The answer of what is answered later: a watch that has nothing to tell yet, a backup. */
const PARKED = Symbol('parked');

export class GcsServer implements Disposable {
  readonly #storage: Storage;
  readonly #schedule: Schedule;
  readonly #connections = new Set<ServerConnection>();
  #queue: Queued[] = [];
  #isScheduled = false;
  #isEnded = false;
  /** The last commit held the writes of several who had not waited for one another. */
  #isBusy = false;
  /** A backup has the storage at present, but between its steps. */
  #isResting = false;
  #backingUp: Promise<void> | undefined;
  #writes = 0;
  #commits = 0;

  /** Owns `storage`. */
  constructor(storage: Storage, schedule: Schedule) {
    this.#storage = storage;
    this.#schedule = schedule;
  }

  connect(client: ClientEnd): ServerConnection {
    const connection = new ServerConnection(client, this);
    if (this.#isEnded) connection.end(new GcsClosedError('use tables'));
    else this.#connections.add(connection);
    return connection;
  }

  /** Called by a connection. */
  enqueue(connection: ServerConnection, request: Request): void {
    if (this.#isEnded) return; // The client has been told by `ended`.
    this.#queue.push({ connection, request });
    this.#scheduleRun();
  }

  /** Called by a connection: the watch, parked or still queued, needs no answer any more. */
  cancel(connection: ServerConnection, id: RequestId): void {
    if (connection.unpark(id)) return;
    this.#queue = this.#queue.filter((queued) => queued.connection !== connection || queued.request.id !== id);
  }

  /** Called by a connection that has closed: what it asked before is still done, for it may be a write. */
  forget(connection: ServerConnection): void {
    this.#connections.delete(connection);
  }

  /** Does what is queued, tells every client, and closes the storage. */
  [Symbol.dispose](): void {
    while (this.#queue.length > 0) this.#runQueue();
    this.#end(new GcsClosedError('use tables'));
  }

  #scheduleRun(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(() => {
      this.#isScheduled = false;
      this.#run();
    }, this.#isBusy);
  }

  /** While a backup copies pages the queue waits for the end of the step. */
  #run(): void {
    if (!this.#isResting) this.#runQueue();
  }

  #runQueue(): void {
    if (this.#queue.length === 0) return;
    const work = this.#queue.splice(0, COMMIT_REQUESTS_MAX);
    if (this.#queue.length > 0) this.#scheduleRun();
    this.#isBusy = work.filter(isWrite).length > 1;
    const failure = this.#commit(work);
    for (const connection of this.#connections) connection.flush();
    if (failure?.isFinal) this.#end(failure);
  }

  #commit(work: readonly Queued[]): StorageError | undefined {
    let replies: (Reply | undefined)[];
    let failure: StorageError | undefined;
    try {
      const answerAll = () => work.map((each) => this.#answer(each));
      replies = work.some(isWrite) ? this.#storage.transaction(answerAll) : answerAll();
    } catch (error) {
      failure = asStorageError(error);
      replies = work.map((each) => (isWrite(each) ? failed(each.request.id, failure!) : this.#answerRead(each)));
    }
    work.forEach(({ connection }, index) => {
      if (replies[index] !== undefined) connection.reply(replies[index]);
    });
    this.#announce(work, replies);
    return failure;
  }

  /** Counts what was written, and answers the watches that waited for it. */
  #announce(work: readonly Queued[], replies: readonly (Reply | undefined)[]): void {
    const changed = work.filter((each, index) => isWrite(each) && hasChanged(replies[index]));
    if (changed.length === 0) return;
    this.#writes += changed.length;
    this.#commits += 1;
    const tables = new Set(changed.map(({ request }) => (request as { table: string }).table));
    for (const connection of this.#connections) connection.wake(tables);
  }

  /** The reply to a request; undefined for a watch that now waits. A storage failure is thrown: it concerns the whole commit. */
  #answer({ connection, request }: Queued): Reply | undefined {
    try {
      const result = this.#perform(connection, request);
      return result === PARKED ? undefined : { id: request.id, result };
    } catch (error) {
      if (!(error instanceof RevisionConflictError || error instanceof RevisionCompactedError)) throw error;
      return failed(request.id, error);
    }
  }

  #answerRead(read: Queued): Reply | undefined {
    try {
      return this.#answer(read);
    } catch (error) {
      return failed(read.request.id, asStorageError(error));
    }
  }

  #perform(connection: ServerConnection, request: Request): unknown {
    const storage = this.#storage;
    switch (request.type) {
      case 'get':
        return storage.get(request.table, request.key);
      case 'list':
        return { revision: storage.revision, entries: storage.list(request.table) };
      case 'put':
        return storage.put(request.table, request.key, request.text, request.expectedRevision);
      case 'delete':
        return storage.delete(request.table, request.key, request.expectedRevision);
      case 'watch':
        return this.#watch(connection, request.id, request.table, request.after ?? storage.revision);
      case 'stats':
        return this.#stats();
      case 'backup':
        void this.#backup(connection, request.id, request.file);
        return PARKED;
      default:
        return unreachable(request);
    }
  }

  #watch(connection: ServerConnection, id: RequestId, table: string, after: number): ChangePage | typeof PARKED {
    const page = this.#storage.changes(table, after);
    if (page.changes.length > 0) return page;
    // Until the table changes there is nothing to find before the page's end, so the search goes on from there.
    connection.park(id, { table, after: page.revision });
    return PARKED;
  }

  /** Takes as long as it takes; everybody else is served between its steps. One at a time. */
  async #backup(connection: ServerConnection, id: RequestId, file: string): Promise<void> {
    const before = this.#backingUp;
    const done = Promise.withResolvers<void>();
    this.#backingUp = done.promise;
    await before;
    this.#isResting = true;
    const reply = await this.#storage
      .backup(file, () => this.#runQueue())
      .then(
        (): Reply => ({ id, result: null }),
        (error) => failed(id, asStorageError(error)),
      );
    this.#isResting = false;
    done.resolve();
    connection.reply(reply);
    connection.flush();
    if (this.#queue.length > 0) this.#scheduleRun();
  }

  /** Called by a connection for a parked watch whose table has changed. */
  resume(connection: ServerConnection, id: RequestId, { table, after }: ParkedWatch): Reply | undefined {
    return this.#answerRead({ connection, request: { id, type: 'watch', table, after } });
  }

  #stats(): GcsStats {
    let watches = 0;
    for (const connection of this.#connections) watches += connection.parkedCount;
    return {
      revision: this.#storage.revision,
      writes: this.#writes,
      commits: this.#commits,
      connections: this.#connections.size,
      watches,
    };
  }

  #end(reason: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#queue = [];
    for (const connection of [...this.#connections]) connection.end(reason);
    this.#connections.clear();
    this.#storage[Symbol.dispose]();
  }
}

/** One client, seen from the server: its parked watches and the replies that leave together. */
export class ServerConnection {
  readonly #client: ClientEnd;
  readonly #server: GcsServer;
  readonly #parked = new Map<RequestId, ParkedWatch>();
  #replies: Reply[] = [];

  constructor(client: ClientEnd, server: GcsServer) {
    this.#client = client;
    this.#server = server;
  }

  get parkedCount(): number {
    return this.#parked.size;
  }

  receive(requests: readonly (Request | Cancel)[]): void {
    for (const request of requests) {
      if (request.type === 'cancel') this.#server.cancel(this, request.id);
      else this.#server.enqueue(this, request);
    }
  }

  /** True if it was parked; it then is no more. */
  unpark(id: RequestId): boolean {
    return this.#parked.delete(id);
  }

  /** The client is gone. */
  close(): void {
    this.#parked.clear();
    this.#server.forget(this);
  }

  reply(reply: Reply): void {
    this.#replies.push(reply);
  }

  park(id: RequestId, watch: ParkedWatch): void {
    this.#parked.set(id, watch);
  }

  wake(tables: ReadonlySet<string>): void {
    for (const [id, watch] of [...this.#parked]) {
      if (!tables.has(watch.table)) continue;
      this.#parked.delete(id);
      const reply = this.#server.resume(this, id, watch);
      if (reply !== undefined) this.reply(reply);
    }
  }

  flush(): void {
    if (this.#replies.length === 0) return;
    const replies = this.#replies;
    this.#replies = [];
    this.#client.deliver({ replies });
  }

  end(reason: Error): void {
    this.#parked.clear();
    this.flush();
    this.#client.deliver({ ended: encodeError(reason) });
    this.#client.end();
  }
}

const isWrite = ({ request }: Queued): boolean => request.type === 'put' || request.type === 'delete';

/** A delete that found nothing changed nothing. */
const hasChanged = (reply: Reply | undefined): boolean =>
  reply !== undefined && 'result' in reply && reply.result !== false;

const failed = (id: RequestId, error: Error): Reply => ({ id, error: encodeError(error) });

/** Whatever else a storage throws is a bug, after which it is not to be trusted with the next write. */
function asStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  return new StorageError('Cannot use tables: the storage threw', { isFinal: true, cause: error });
}
