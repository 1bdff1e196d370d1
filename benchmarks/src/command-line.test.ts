import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandLineError, listOf, readCommandLine } from './command-line.ts';
import { WORKLOADS } from './workloads.ts';

const namesOf = (args: readonly string[]) => readCommandLine(args, WORKLOADS).workloads.map((each) => each.name);

test('without a name all workloads run, with a name that one, with a group its members', () => {
  assert.equal(namesOf([]).length, WORKLOADS.length);
  assert.deepEqual(namesOf(['pipelined']), ['pipelined']);
  assert.deepEqual(
    namesOf(['calls']),
    WORKLOADS.filter((each) => each.group === 'calls').map((each) => each.name),
  );
});

test('an unknown workload, a wrong number of rounds and an unknown option are named', () => {
  const refused = (args: string[], message: RegExp) =>
    assert.throws(
      () => readCommandLine(args, WORKLOADS),
      (error) => error instanceof CommandLineError && message.test(error.message),
    );
  refused(['calls', 'nonsense'], /^Cannot run benchmark "nonsense": no workload or group has that name; see --list$/);
  refused(['--rounds', '0'], /^Cannot run "0" rounds: expected an integer of 1 or more$/);
  refused(['--quik'], /^Cannot read the command line: Unknown option '--quik'; see --help$/);
});

test('quick runs have three rounds, others five, unless a number is given', () => {
  assert.equal(readCommandLine([], WORKLOADS).rounds, 5);
  assert.equal(readCommandLine(['--quick'], WORKLOADS).rounds, 3);
  assert.equal(readCommandLine(['--quick', '--rounds', '7'], WORKLOADS).rounds, 7);
});

test('no workload has the name of another or of a group, and each has an arm of Heddle', () => {
  const names = WORKLOADS.map((each) => each.name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, group, arms } of WORKLOADS) {
    assert.ok(name === group || !WORKLOADS.some((each) => each.group === name), name);
    assert.ok(
      arms.some((arm) => arm.side === 'heddle'),
      name,
    );
    assert.equal(new Set(arms.map((arm) => arm.name)).size, arms.length, name);
  }
});

test('the list names every workload below its group', () => {
  const list = listOf(WORKLOADS);
  for (const { name } of WORKLOADS) assert.match(list, new RegExp(`^  ${name} `, 'm'));
});
