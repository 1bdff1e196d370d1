import { nestsDeeperThan } from './nesting.ts';

/**
 * Errors as data, and back: the one pair that carries an error across a thread or a socket.
 *
 * Kept: class (for built-in and registered classes), name, message, stack, own enumerable fields, `code`,
 * the `cause` chain, the errors of an `AggregateError`, both errors of a `SuppressedError`. An unregistered class arrives as its nearest built-in
 * with the original name. A thrown value that is no error arrives as it is, if it can be encoded.
 *
 * An error may arrive before its class is registered here: a thread reads the arguments of a call before it loads the
 * module that registers their classes. Such an error becomes an instance at the registration.
 */
export interface EncodedError {
  readonly className: string;
  /** The nearest built-in class, for whoever does not know that one; `Error` where it is left out. */
  readonly builtIn?: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause?: EncodedThrown;
  readonly errors?: readonly EncodedThrown[];
  /** Of a `SuppressedError`: its `error`, and the one that this suppressed. */
  readonly suppression?: readonly [EncodedThrown, EncodedThrown];
}

/** Whatever can be thrown: an error, or any other value. */
export type EncodedThrown = { readonly error: EncodedError } | { readonly value: unknown };

// biome-ignore lint/suspicious/noExplicitAny: constructors of any signature are registered; none is called.
type ErrorClass = abstract new (...args: any[]) => Error;

const BUILT_IN: readonly ErrorClass[] = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  SuppressedError,
  DOMException,
];
const classes = new Map<string, ErrorClass>(BUILT_IN.map((errorClass) => [errorClass.name, errorClass]));

/** Errors that arrived before their class, by its name. */
const early = new Map<string, Set<WeakRef<Error>>>();
let earlyErrors = 0;

/** So many are remembered; older ones stay what they are. */
const EARLY_MAX = 10_000;

/** Deeper causes are cut off: a chain this long is a loop or an attack. */
const DEPTH_MAX = 32;

/** A field nested deeper stands as its text: the thread that reads it may have less stack than this one. */
const FIELD_DEPTH_MAX = 1_000;

/**
 * Makes errors of this class arrive as instances of it, on the threads that registered it too.
 * The class is found by its name; its constructor is not run on arrival.
 */
export function registerErrorClass(errorClass: ErrorClass): void {
  const known = classes.get(errorClass.name);
  if (known !== undefined && known !== errorClass && BUILT_IN.includes(known))
    throw new TypeError(`Cannot register error class "${errorClass.name}": a built-in class has that name`);
  classes.set(errorClass.name, errorClass);
  for (const ref of takeEarly(errorClass.name)) {
    const error = ref.deref();
    if (error !== undefined) Object.setPrototypeOf(error, errorClass.prototype);
  }
}

function takeEarly(className: string): ReadonlySet<WeakRef<Error>> {
  const refs = early.get(className) ?? new Set();
  early.delete(className);
  earlyErrors -= refs.size;
  return refs;
}

function rememberEarly(className: string, error: Error): void {
  const refs = early.get(className) ?? new Set();
  early.set(className, refs.add(new WeakRef(error)));
  if (++earlyErrors > EARLY_MAX) forgetOne();
}

/** The oldest of the class that was met first. */
function forgetOne(): void {
  const [className, refs] = early.entries().next().value!;
  refs.delete(refs.values().next().value!);
  earlyErrors--;
  if (refs.size === 0) early.delete(className);
}

export function encodeThrown(thrown: unknown, depth = 0): EncodedThrown {
  if (thrown instanceof Error) return { error: encodeError(thrown, depth) };
  return { value: plain(thrown) };
}

export function decodeThrown(encoded: EncodedThrown): unknown {
  return 'error' in encoded ? decodeError(encoded.error) : encoded.value;
}

export function encodeError(error: Error, depth = 0): EncodedError {
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (key === 'cause' || key === 'errors' || key === 'name') continue;
    fields[key] = plain(read(error, key));
  }
  const deeper = depth < DEPTH_MAX;
  const [cause, stack, errors] = [read(error, 'cause'), read(error, 'stack'), read(error, 'errors')];
  const className = nearestClassName(error, () => true);
  const builtIn = nearestClassName(error, (each) => BUILT_IN.includes(each));
  return {
    className,
    ...(builtIn !== className && builtIn !== 'Error' && { builtIn }),
    name: text(read(error, 'name')),
    message: text(read(error, 'message')),
    stack: typeof stack === 'string' ? stack : undefined,
    fields,
    ...(cause !== undefined && deeper && { cause: encodeThrown(cause, depth + 1) }),
    ...(error instanceof AggregateError &&
      Array.isArray(errors) &&
      deeper && { errors: errors.map((each) => encodeThrown(each, depth + 1)) }),
    ...(error instanceof SuppressedError && deeper && { suppression: encodeSuppression(error, depth + 1) }),
  };
}

const encodeSuppression = (error: SuppressedError, depth: number): [EncodedThrown, EncodedThrown] => [
  encodeThrown(read(error, 'error'), depth),
  encodeThrown(read(error, 'suppressed'), depth),
];

/** A field of an error. One whose getter throws is left out: an error must arrive, whatever it is like. */
function read(error: Error, key: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

export function decodeError(encoded: EncodedError): Error {
  const errorClass = classes.get(encoded.className);
  const { prototype } = errorClass ?? classes.get(encoded.builtIn ?? 'Error') ?? Error;
  const error = isOfPlatform(prototype) ? blankException(prototype, encoded) : blankError(prototype);
  Object.defineProperties(error, { message: hidden(encoded.message), stack: hidden(encoded.stack) });
  if (errorClass === undefined) rememberEarly(encoded.className, error);
  if (error.name !== encoded.name) Object.defineProperty(error, 'name', hidden(encoded.name));
  for (const [key, value] of Object.entries(encoded.fields)) {
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true });
  }
  if (encoded.cause !== undefined) Object.defineProperty(error, 'cause', hidden(decodeThrown(encoded.cause)));
  if (encoded.errors !== undefined) Object.defineProperty(error, 'errors', hidden(encoded.errors.map(decodeThrown)));
  if (encoded.suppression !== undefined) {
    const [first, suppressed] = encoded.suppression.map(decodeThrown);
    Object.defineProperties(error, { error: hidden(first), suppressed: hidden(suppressed) });
  }
  return error;
}

/** A true error (`Error.isError`, and structured cloning knows it) of that class, whose constructor has not run. */
function blankError(prototype: object): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0; // The stack of the other side is put in its place.
  const error = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return Object.setPrototypeOf(error, prototype) as Error;
}

const isOfPlatform = (prototype: object): boolean =>
  prototype === DOMException.prototype || prototype instanceof DOMException;

/** Its name and its code are the platform's to keep: only its own constructor sets them. */
function blankException(prototype: object, { message, name }: EncodedError): Error {
  return Object.setPrototypeOf(new DOMException(message, name), prototype) as Error;
}

const hidden = (value: unknown): PropertyDescriptor => ({
  value,
  writable: true,
  enumerable: false,
  configurable: true,
});

function nearestClassName(error: Error, isMeant: (errorClass: ErrorClass) => boolean): string {
  for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const name = proto.constructor?.name;
    const known = typeof name === 'string' ? classes.get(name) : undefined;
    if (known !== undefined && known.prototype === proto && isMeant(known)) return known.name;
  }
  return 'Error';
}

/** The value itself where structured cloning can carry it, else its text. */
function plain(value: unknown): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol'))
    return value;
  if (typeof value !== 'object') return String(value);
  try {
    const clone = structuredClone(value);
    return nestsDeeperThan(FIELD_DEPTH_MAX, clone) ? Object.prototype.toString.call(value) : clone;
  } catch {
    return Object.prototype.toString.call(value);
  }
}
