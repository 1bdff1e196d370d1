/** Time, chance, the environment and the console are each read in one place, and handed on from there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPlanted } from './planted-tree.ts';
import { readSourceTree, type SourceFile } from './source-tree.ts';

interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
  /** Each file that may, with its reason. */
  readonly allowed: Readonly<Record<string, string>>;
}

const RULES: readonly Rule[] = [
  {
    name: 'the time',
    pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\b|\bhrtime\b/,
    allowed: {
      'packages/base/src/real-clock.ts': 'the clock',
      'packages/launcher/src/node-clock.ts': "the clock of the launcher's process, which imports node: modules only",
    },
  },
  {
    name: 'a timer',
    pattern: /\bset(?:Timeout|Interval)\b/,
    allowed: {
      'packages/base/src/real-clock.ts': 'the clock',
      'packages/launcher/src/node-clock.ts': "the clock of the launcher's process",
      'packages/actors/src/keep-alive.ts': 'a timer that never fires: it keeps the program alive while a call waits',
    },
  },
  {
    name: 'chance',
    pattern: /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/,
    allowed: {},
  },
  {
    name: 'the environment',
    pattern: /\bprocess\.env\b/,
    allowed: {
      'packages/cli/src/main.ts': 'the main: reads it once and passes it down',
      'packages/jobs/src/options.ts': 'the default of an option of JobManager',
      'packages/launcher/src/fault-point.ts':
        'whether tests kill processes at named moments: decided when it is loaded',
      'packages/actors/src/job-id.ts': 'the id of the job that this program runs as',
    },
  },
  {
    name: 'the console',
    pattern: /(?<![.\w])console\s*[.[]|\bglobalThis\.console\b/,
    allowed: { 'packages/actors/src/worker-console.ts': "puts a console of our own in the place of the worker's" },
  },
];

function findReaders(files: readonly SourceFile[], rule: Rule): string[] {
  return files.filter((file) => !file.isTest && rule.pattern.test(file.code)).map((file) => file.path);
}

for (const rule of RULES) {
  test(`${rule.name} is read only where it may be, and every file that may does`, async () => {
    assert.deepEqual(findReaders(await readSourceTree(), rule), Object.keys(rule.allowed).sort());
  });
}

test('a planted reader is found in code, and not in words', async () => {
  const lines = ['Date.now()', 'setTimeout(f, 1)', 'Math.random()', 'process.env.HOME', 'console.log(1)'];
  const code = await readPlanted({
    'packages/jobs/src/a.ts': lines.join(';\n'),
    'packages/jobs/src/a.test.ts': lines[0]!,
  });
  const words = lines.map((line) => `/* ${line} */ const a = /['"]/; const b = '${line}'; // ${line}\n`).join('');
  const quiet = await readPlanted({ 'packages/jobs/src/a.ts': words });
  for (const rule of RULES) {
    assert.deepEqual(findReaders(code, rule), ['packages/jobs/src/a.ts'], rule.name);
    assert.deepEqual(findReaders(quiet, rule), [], rule.name);
  }
});
