import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from './loopback.ts';

test('loopback is what no other machine reaches', () => {
  for (const host of ['localhost', 'LocalHost', '127.0.0.1', '127.1.2.3', '::1', '[::1]'])
    assert.equal(isLoopback(host), true, host);
  const strangers = [
    '0.0.0.0',
    '::',
    '192.168.0.1',
    '127.evil.example',
    '127.0.0.256',
    'localhost.',
    '::ffff:127.0.0.1',
  ];
  for (const host of [...strangers, 'heddle.example', '127.0.0.1.evil.example', ''])
    assert.equal(isLoopback(host), false, host);
});
