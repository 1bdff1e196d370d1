/**
 * What crosses a link, as data.
 *
 * A batch is one flat array of entries, each led by its kind. Entries of one batch are acted on in order, and
 * so are the batches of one link; nothing may be assumed about the order of two links.
 *
 * Between any two threads, both ways. A head is a kind with the slot of the call that it is about, in one field; a call word
 * is a method with a header, in one field; a header is argument count × 4 + Form. (A field costs some 10 ns on its way.)
 *
 *   Call        head, cell, call word, ...arguments
 *   CallWith    head, cell, group, call word, ...arguments          the same in a concurrency group of its own
 *   Stream      head, cell, group, window, call word, ...arguments  the call of a generator
 *   Carrier     kind, carrier                                       the telemetry context of the call that follows
 *   Yield       head, form, ...value                                one item of it
 *   Take        head, count                                         so many items were taken: the producer may go on
 *   Cancel      head, cell, isRecursive                             of a call that was sent; its answer still comes
 *   Result      head, value                                         a primitive as it is
 *   CodedResult head, form, ...value
 *   Failure     head, isOurs, error                                 the method threw; isOurs: the runtime itself failed it
 *   Interrupted head                                                begun, and then its actor died in a thread that lives on
 *   Unbegun     head                                                not begun, and its actor is not here (any more)
 *   Shape       kind, shape, count, ...keys                         once per link, before the first value of that shape
 *   Class       kind, class, declaration                            once per link, before the first mention of that class
 *
 *   Fetch       kind, object                                        the value of an object that you own, please
 *   Object      kind, object, form, isStored, ...value              answers Fetch
 *   ObjectFailed kind, object, error                                answers Fetch
 *   GiveBack    kind, object, weight                                fewer refs of an object that you own are out
 *   Collect     kind                                                the object store is full: collect your garbage
 *
 * Every Call, CallWith and Stream is answered by exactly one Result, CodedResult, Failure, Interrupted or Unbegun on the same link,
 * or by the close of that link. A cell is one incarnation of an actor: a new number for each.
 *
 * From the driver to a worker:
 *
 *   Create      kind, cell, actor, class, actorId or undefined, actorName, namespace, restartCount, limit, groups, loadMsMax,
 *               header, ...arguments: fields and no objects, whose keys would be written for each actor again
 *   CreateLike  kind, cell, actor, header, ...arguments             an actor that is as the latest Create on this link said
 *   Retire      kind, cell                                          finish what waits, run the hook, tell Exited
 *   Remove      kind, cell                                          the actor was killed: run nothing more of it
 *   Located     kind, actor, cell, threadId                         where the actor lives from now on
 *   Restarting  kind, actor, error                                  its last incarnation is over, a next one comes
 *   Dead        kind, actor, error                                  it is over; the answer to Locate if it was already
 *   Gone        kind, cell                                          answers Missing: no such cell will come
 *   Census      kind, census, actor                                 does this thread hold on to it?
 *   Answer      kind, ask, answer                                   answers Ask
 *   Report      kind, question                                      what do you remember of tasks and objects?
 *   Leased      kind, shape key, cell, threadId                     answers LeaseWanted: your tasks of that shape may go there
 *   LeaseRevoked kind, cell                                         somebody else waits: give the lease back soon
 *   LeaseEnd    kind, cell                                          the lease that you run is over
 *   Dial        kind, process                                       that process wants a link to this thread: connect to it
 *   NoPeer      kind, thread                                        the thread that Introduce named is gone
 *
 * From a worker to the driver:
 *
 *   Alive       kind, cell                                          the constructor has returned
 *   Failed      kind, cell, error                                   the constructor threw, or its module or class failed
 *   Exited      kind, cell                                          exitActor() was called and all running calls have ended
 *   Locate      kind, actor                                         tell me where it lives, now and after every change
 *   Missing     kind, cell                                          calls for this cell are parked here: will it come?
 *   Spawn       kind, actor, class, options, owner or -1, header, ...arguments, identity
 *   Ask         kind, ask, question                                 anything that wants an answer (see ask.ts)
 *   Print       kind, actor or task's name or -1, isError, text    the console of user code
 *   Holding     kind, census, holding                               answers Census
 *   Reported    kind, question, report                              answers Report
 *   LeaseWanted kind, shape, count                                  so many leases more for tasks of that shape
 *   LeaseBack   kind, cell                                          the lease is not needed any more
 *   LeaseUp     kind, cell, news or undefined                       this thread is ready for the lease's tasks
 *   LeaseAway   kind, cell, isAway                                  all tasks of the lease wait for refs, or one goes on
 *   EndThread   kind, cell                                          end the thread of my lease
 *   Introduce   kind, thread                                        have that thread dial this process
 *   Idle        kind, actor                                         the thread's last handle is gone and its calls are done
 *
 * A new kind also needs a case in `EntryReader`, or in the driver's or the worker's `SpecialEntries`.
 */
export const Kind = {
  Call: 0,
  Result: 1,
  CodedResult: 2,
  Failure: 3,
  Interrupted: 4,
  Unbegun: 5,
  Shape: 6,
  Class: 7,
  Create: 9,
  Remove: 10,
  Located: 11,
  Restarting: 12,
  Dead: 13,
  Gone: 14,
  Answer: 15,
  Alive: 16,
  Failed: 17,
  Exited: 18,
  Locate: 19,
  Missing: 20,
  Spawn: 21,
  Ask: 22,
  Idle: 23,
  CallWith: 24,
  Cancel: 25,
  Retire: 26,
  Print: 27,
  Census: 28,
  Holding: 29,
  Introduce: 30,
  Dial: 31,
  NoPeer: 32,
  Fetch: 40,
  Object: 41,
  ObjectFailed: 42,
  GiveBack: 43,
  Collect: 44,
  LeaseWanted: 45,
  LeaseBack: 46,
  Leased: 47,
  LeaseRevoked: 48,
  LeaseUp: 49,
  LeaseEnd: 50,
  LeaseAway: 51,
  EndThread: 52,
  Stream: 53,
  Yield: 54,
  Take: 55,
  Report: 56,
  Reported: 57,
  Carrier: 58,
  CreateLike: 59,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** How a value, or a list of arguments, stands in a batch. */
export const Form = {
  /** Primitives only, each one field. */
  Plain: 0,
  /** Each value led by a tag. */
  Tagged: 1,
  /** The same, and some objects stand in it more than once, as `Tag.Again`. */
  Graph: 2,
} as const;
export type Form = (typeof Form)[keyof typeof Form];

/** A flat array of fields: what one `postMessage` carries. */
export type Batch = unknown[];

/** Names one incarnation of one actor. */
export type CellKey = number;
/** Names one actor within its runtime: thread × 2^32 + count, so that any thread can make one alone. */
export type ActorKey = number;

const KIND_BITS = 8;

export const headOf = (kind: Kind, slot: number): number => (slot << KIND_BITS) | kind;
export const kindOf = (head: number): Kind => (head & ((1 << KIND_BITS) - 1)) as Kind;
export const slotOf = (head: number): number => head >>> KIND_BITS;

export const headerOf = (count: number, form: Form): number => count * 4 + form;

/** More than any header: no function takes so many arguments. */
const HEADERS = 1 << 20;

/** A number beyond 32 bits, if need be: a thread may have any number of functions. */
export const callWordOf = (method: number, header: number): number => method * HEADERS + (header & (HEADERS - 1));
export const methodOf = (word: number): number => (word - (word & (HEADERS - 1))) / HEADERS;

/** Of a header, or of a call word. */
export const countOf = (header: number): number => (header & (HEADERS - 1)) >>> 2;
export const formOf = (header: number): Form => (header & 3) as Form;
