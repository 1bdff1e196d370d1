import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeError, decodeThrown, encodeError, encodeThrown, registerErrorClass } from './error-codec.ts';
import { HeddleError } from './errors.ts';

class PaymentError extends HeddleError {
  override readonly name = 'PaymentError';
  override readonly code = 'PAYMENT';
  readonly amount: number;
  constructor(amount: number) {
    super(`Cannot pay ${amount}: no money`);
    this.amount = amount;
  }
}
registerErrorClass(PaymentError);

const hop = (error: unknown): Error => decodeThrown(structuredClone(encodeThrown(error))) as Error;

test('an error keeps class, message, stack, code and own fields', () => {
  const sent = Object.assign(new RangeError('too far'), { code: 'E_FAR', at: { x: 1 } });
  const arrived = hop(sent) as typeof sent;
  assert.ok(arrived instanceof RangeError);
  assert.equal(arrived.message, 'too far');
  assert.equal(arrived.stack, sent.stack);
  assert.equal(arrived.code, 'E_FAR');
  assert.deepEqual(arrived.at, { x: 1 });
});

test('an error of a registered class arrives as one, without its constructor being run', () => {
  const arrived = hop(new PaymentError(7)) as PaymentError;
  assert.ok(arrived instanceof PaymentError);
  assert.ok(arrived instanceof HeddleError);
  assert.equal(arrived.amount, 7);
  assert.equal(arrived.name, 'PaymentError');
  assert.equal(arrived.code, 'PAYMENT');
});

test('what arrives is a true error, also to whoever looks closer than instanceof', () => {
  const isError = (Error as unknown as { isError(value: unknown): boolean }).isError;
  for (const error of [new Error('plain'), new PaymentError(7)]) {
    assert.equal(isError(hop(error)), true);
    assert.equal(structuredClone(hop(error)).message, error.message);
    assert.deepEqual(
      Object.keys(hop(error)),
      Object.keys(error).filter((key) => key !== 'name'),
    );
  }
});

test('an error that arrives before its class becomes an instance when the class is registered', () => {
  const there = {
    className: 'LateError',
    builtIn: 'RangeError',
    name: 'LateError',
    message: 'x',
    stack: 's',
    fields: { a: 1 },
  };
  const [early, cause] = [decodeError({ ...there, cause: { error: there } }), decodeError(there)];
  assert.ok(early instanceof RangeError, 'until then it is of the nearest built-in class');
  class LateError extends RangeError {
    readonly a = 0;
  }
  registerErrorClass(LateError);
  for (const error of [early, early.cause, cause]) {
    assert.ok(error instanceof LateError);
    assert.deepEqual([error.name, error.message, error.stack, error.a], ['LateError', 'x', 's', 1]);
  }
});

test('of errors whose class never comes the latest ten thousand are remembered', () => {
  const encoded = (className: string) => ({ className, name: className, message: '', stack: undefined, fields: {} });
  const all = Array.from({ length: 10_002 }, (_, at) => decodeError(encoded(at < 2 ? 'NeverMet' : 'MetLate')));
  class NeverMet extends Error {}
  class MetLate extends Error {}
  registerErrorClass(NeverMet);
  registerErrorClass(MetLate);
  assert.deepEqual(
    [all[0], all[1], all[2], all.at(-1)].map((error) => error!.constructor.name),
    ['Error', 'Error', 'MetLate', 'MetLate'],
  );
});

test('an error of an unknown class arrives as its nearest built-in, with its name', () => {
  class OddError extends TypeError {
    override readonly name = 'OddError';
  }
  const arrived = hop(new OddError('odd'));
  assert.ok(arrived instanceof TypeError);
  assert.equal(arrived.name, 'OddError');
});

test('the chain of causes and the errors of an AggregateError arrive', () => {
  const arrived = hop(
    new AggregateError([new TypeError('a'), 'b'], 'both', { cause: new Error('root', { cause: 42 }) }),
  ) as AggregateError;
  assert.ok(arrived instanceof AggregateError);
  assert.ok(arrived.errors[0] instanceof TypeError);
  assert.equal(arrived.errors[1], 'b');
  assert.equal((arrived.cause as Error).message, 'root');
  assert.equal((arrived.cause as Error).cause, 42);
});

test('a cause that leads back to its error is cut off, not followed for ever', () => {
  const error = new Error('snake');
  error.cause = error;
  assert.equal(hop(error).message, 'snake');
});

test('a field that cannot be sent arrives as its text', () => {
  const arrived = hop(Object.assign(new Error('x'), { onDone: () => {} })) as unknown as { onDone: unknown };
  assert.equal(typeof arrived.onDone, 'string');
});

test('a class may not take the name of a built-in one', () => {
  const impostor = class extends Error {};
  Object.defineProperty(impostor, 'name', { value: 'TypeError' });
  assert.throws(() => registerErrorClass(impostor), /built-in class has that name/);
});

test('anything that can be thrown survives the way', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined)),
      (thrown) => {
        assert.equal(decodeThrown(structuredClone(encodeThrown(thrown))), thrown);
      },
    ),
  );
});

test('encoding twice gives what encoding once gave', () => {
  const once = encodeError(new PaymentError(3));
  assert.deepEqual(encodeError(decodeError(once)), once);
});

test('an error whose fields cannot be read arrives without them', () => {
  const unreadable = {
    enumerable: true,
    get() {
      throw new Error('unreadable');
    },
  };
  const hostile = Object.defineProperties(new RangeError('hostile'), {
    field: unreadable,
    cause: unreadable,
    stack: unreadable,
    name: { value: Object.create(null) },
  });
  const arrived = decodeError(structuredClone(encodeError(hostile)));
  assert.ok(arrived instanceof RangeError);
  assert.equal(arrived.message, 'hostile');
  assert.equal(arrived.cause, undefined);
});

test('a field nested too deeply for another stack to read stands as its text', () => {
  let deep: unknown = null;
  for (let level = 0; level < 1_500; level++) deep = { deep };
  const arrived = decodeError(encodeError(Object.assign(new Error('deep'), { deep }))) as Error & { deep: unknown };
  assert.equal(arrived.deep, '[object Object]');
});

test('an exception of the platform keeps its class, name, code, stack and cause', () => {
  const sent = new DOMException('too late', { name: 'TimeoutError', cause: new RangeError('why') });
  const arrived = hop(sent) as DOMException;
  assert.ok(arrived instanceof DOMException);
  assert.deepEqual([arrived.name, arrived.message, arrived.code], ['TimeoutError', 'too late', sent.code]);
  assert.equal(arrived.stack, sent.stack);
  assert.ok(arrived.cause instanceof RangeError);
  assert.deepEqual(encodeError(arrived), encodeError(sent));
  class OwnAbort extends DOMException {
    readonly detail = 7;
  }
  const own = hop(new OwnAbort('mine', 'AbortError')) as OwnAbort;
  assert.ok(own instanceof DOMException, 'the nearest class that is known');
  assert.deepEqual([own.name, own.code, own.detail], ['AbortError', 20, 7]);
  registerErrorClass(OwnAbort);
  const known = hop(new OwnAbort('mine', 'AbortError')) as OwnAbort;
  assert.ok(known instanceof OwnAbort);
  assert.equal(known.code, 20);
});

test('both errors of a SuppressedError arrive', () => {
  const arrived = hop(new SuppressedError(new RangeError('last'), 'first', 'both')) as SuppressedError;
  assert.ok(arrived instanceof SuppressedError);
  assert.ok(arrived.error instanceof RangeError);
  assert.deepEqual([arrived.message, arrived.error.message, arrived.suppressed], ['both', 'last', 'first']);
  assert.deepEqual(Object.keys(arrived), []);
});
