import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { test } from 'node:test';
import { realClock } from '@heddle/base';
import { readPidSpace } from '@heddle/launcher';
import { processAgeMs } from './process-age.ts';
import { started } from './testing/records.ts';

const HOUR_MS = 3_600_000;

test('an age is counted since the boot, so that no jump of the wall clock changes it', () => {
  const here = readPidSpace();
  const startTime = String(Math.round(uptime() * 100) - 500); // 5 s ago.
  const process = started({ bootId: here.bootId, startTime, startedAtMs: realClock.now() - HOUR_MS });
  const ageMs = processAgeMs(process, here, realClock.now() + HOUR_MS);
  assert.ok(ageMs >= 4_900 && ageMs < 60_000, String(ageMs));
});

test('this process is as old by the kernel as by its own clock', { skip: readPidSpace().bootId === '' }, () => {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
  const here = readPidSpace();
  const ageMs = processAgeMs(started({ bootId: here.bootId, startTime }), here, 0);
  assert.ok(Math.abs(ageMs - process.uptime() * 1000) < 5_000, `${ageMs} ${process.uptime()}`);
});

test('where the kernel does not count, the wall clock does', () => {
  const here = { bootId: 'boot_1', pidNamespace: 'pid:[1]' };
  for (const strange of [{ startTime: '' }, { bootId: 'boot_0' }, { startTime: '999999999999' }]) {
    const process = started(strange);
    assert.equal(processAgeMs(process, here, process.startedAtMs + 70), 70);
    assert.equal(processAgeMs(process, here, process.startedAtMs - 70), 0);
  }
});
