import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Caller, type GuardPolicy, judgeCaller } from './guard.ts';

const local: GuardPolicy = {
  hosts: new Set(['localhost', '127.0.0.1', '[::1]']),
  allowsAddresses: false,
  token: undefined,
};
const caller: Caller = {
  method: 'POST',
  host: '127.0.0.1:8265',
  origin: undefined,
  secFetchSite: undefined,
  authorization: undefined,
  contentType: undefined,
  hasBody: false,
};
const judge = (given: Partial<Caller>, policy: Partial<GuardPolicy> = {}) =>
  judgeCaller({ ...caller, ...given }, { ...local, ...policy })?.code;

test('a request must name this server', () => {
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1', '[::1]:8265']) assert.equal(judge({ host }), undefined);
  const strangers = [
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'localhost.',
    'evil@localhost',
    '127.0.0.2',
    '10.0.0.5',
    'localhost:x',
    'a b',
  ];
  for (const host of strangers) assert.equal(judge({ host }), 'HOST_NOT_ALLOWED', String(host));
});

test('off loopback an address in digits may be the host, a name only if it is listed', () => {
  const open = { allowsAddresses: true, hosts: new Set(['heddle.example']) };
  for (const host of ['10.0.0.5:8265', '[fe80::1]:8265', 'heddle.example'])
    assert.equal(judge({ host }, open), undefined);
  assert.equal(judge({ host: 'evil.example' }, open), 'HOST_NOT_ALLOWED');
});

test('what a browser sends for a page is refused, its own origin included', () => {
  for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:8265', ''])
    assert.equal(judge({ origin }), 'ORIGIN_NOT_ALLOWED', origin);
  for (const secFetchSite of ['cross-site', 'same-site']) assert.equal(judge({ secFetchSite }), 'ORIGIN_NOT_ALLOWED');
  for (const secFetchSite of ['none', 'same-origin']) assert.equal(judge({ secFetchSite }), undefined);
});

test('a body must be declared as JSON', () => {
  const body = (contentType: string | undefined) => judge({ hasBody: true, contentType });
  for (const type of ['application/json', 'Application/JSON; charset=utf-8']) assert.equal(body(type), undefined);
  for (const type of [
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'text/plain;application/json',
  ])
    assert.equal(body(type), 'CONTENT_TYPE_NOT_ALLOWED', String(type));
});

test('a package may be sent as bytes, or with no type, as Ray sends it', () => {
  const put = (contentType: string | undefined) => judge({ method: 'PUT', hasBody: true, contentType });
  for (const type of [undefined, 'application/octet-stream', 'application/zip']) assert.equal(put(type), undefined);
  for (const type of ['text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded'])
    assert.equal(put(type), 'CONTENT_TYPE_NOT_ALLOWED', type);
});

test('a token that is set must be sent, and be right', () => {
  const token = 'a-token-of-some-length';
  const ask = (authorization: string | undefined) => judge({ authorization }, { token });
  assert.equal(ask(`Bearer ${token}`), undefined);
  for (const none of [undefined, '', token, `Basic ${token}`]) assert.equal(ask(none), 'TOKEN_MISSING', String(none));
  for (const wrong of ['x', `${token}x`, token.slice(1)]) assert.equal(ask(`Bearer ${wrong}`), 'TOKEN_WRONG', wrong);
});
