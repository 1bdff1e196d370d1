import assert from 'node:assert/strict';
import { join, normalize } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ARCHIVE_LIMITS, type ArchiveEntry, judgeArchive, judgeLinks } from './archive-judge.ts';

const MiB = 1024 * 1024;
const entry = (name: string, fields: Partial<ArchiveEntry> = {}): ArchiveEntry => ({
  name,
  mode: 0,
  uncompressedSize: 1,
  ...fields,
});
const judge = (...names: string[]) =>
  judgeArchive(
    names.map((name) => entry(name)),
    1_000,
  );

test('an honest archive is taken, with and without entries for its directories', () => {
  assert.equal(
    judge('a.py', 'pkg/', 'pkg/b.py', 'pkg/deep/er/c.py', 'pkg/deep/', '.hidden', 'ä', 'a b', '...'),
    undefined,
  );
  assert.equal(judge(), undefined);
});

test('X6: a name that leads elsewhere is refused', () => {
  const refused: [string, RegExp][] = [
    ['/etc/passwd', /absolute/],
    ['//x', /absolute/],
    ['../x', /leads out/],
    ['a/../x', /leads out/],
    ['a/..', /leads out/],
    ['..', /leads out/],
    ['C:/x', /drive letter/],
    ['c:x', /drive letter/],
    ['a\\b', /backslash/],
    ['..\\x', /backslash/],
    ['a\0b', /NUL/],
    ['a//b', /empty part/],
    ['./a', /empty part/],
    ['a/./b', /empty part/],
    ['', /empty part/],
    ['/', /absolute/],
  ];
  for (const [name, problem] of refused) assert.match(judge('fine', name) ?? 'taken', problem, JSON.stringify(name));
});

test('X6: devices, pipes and sockets are refused, and so is what says it is two things', () => {
  for (const kind of [0o010_000, 0o020_000, 0o060_000, 0o140_000, 0o040_000])
    assert.match(judgeArchive([entry('x', { mode: kind | 0o644 })], 1) ?? 'taken', /neither a file/, kind.toString(8));
  assert.match(judgeArchive([entry('x/', { mode: 0o100_644 })], 1) ?? 'taken', /something else/);
});

test('X6: two paths that are one somewhere are refused', () => {
  assert.match(judge('a', 'a') ?? 'taken', /twice/);
  assert.match(judge('a/', 'a/') ?? 'taken', /twice/);
  assert.match(judge('README', 'readme') ?? 'taken', /letter case/);
  assert.match(judge('A/x', 'a/y') ?? 'taken', /letter case/);
  assert.match(judge('a/b', 'a') ?? 'taken', /twice/);
  assert.match(judge('a', 'a/b') ?? 'taken', /below one that is no directory/);
  assert.match(judge('\u00e9', 'e\u0301') ?? 'taken', /spelling/);
});

test('X6: an archive that is too much is refused before it is unpacked', () => {
  const { entriesMax, unpackedBytesMax, ratioMax } = ARCHIVE_LIMITS;
  const many = Array.from({ length: entriesMax + 1 }, (_, at) => entry(String(at)));
  assert.match(judgeArchive(many, 10 * MiB) ?? 'taken', /50001 entries/);
  assert.equal(judgeArchive(many.slice(1), 10 * MiB), undefined);
  const big = (uncompressedSize: number, packed: number) => judgeArchive([entry('x', { uncompressedSize })], packed);
  assert.match(big(unpackedBytesMax + 1, unpackedBytesMax) ?? 'taken', /unpacks to 2147483649/);
  assert.equal(big(unpackedBytesMax, unpackedBytesMax), undefined);
  assert.match(big(101 * MiB, MiB) ?? 'taken', new RegExp(`more than ${ratioMax} times`));
  assert.equal(big(100 * MiB, MiB), undefined);
  assert.equal(big(MiB, 1_100), undefined, 'a megabyte is no bomb');
});

test('X6: links stay inside, and lead through no other link', () => {
  const links = (all: Record<string, string>) =>
    judgeLinks(Object.entries(all).map(([name, target]) => ({ name, target })));
  assert.equal(links({ a: 'b', 'c/d': '../e/f', 'c/g': '.', deep: 'h/i/../k' }), undefined);
  for (const target of ['/etc/passwd', '..', '../x', 'a/../../x', '../../a', 'x/../..', 'a\0b'])
    assert.match(links({ link: target }) ?? 'taken', /leads out/, target);
  assert.match(links({ 'a/link': '../../x' }) ?? 'taken', /leads out/);
  assert.match(links({ one: 'two/x', two: 'dir' }) ?? 'taken', /through another link/);
  assert.match(links({ one: 'two', two: 'dir' }) ?? 'taken', /through another link/);
  assert.match(links({ self: 'self' }) ?? 'taken', /through another link/);
});

test('X6: whatever is taken stays below the directory it is unpacked into', () => {
  const part = fc.constantFrom('a', 'B', '..', '.', '', 'c:', '\\', 'x y', '/', '\0');
  fc.assert(
    fc.property(fc.array(fc.array(part, { maxLength: 4 }).map((parts) => parts.join('/'))), (names) => {
      if (judge(...names) !== undefined) return;
      for (const name of names) assert.ok(normalize(join('/root', name)).startsWith('/root/'), name);
    }),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.array(part, { maxLength: 5 }), (name, target) => {
      const path = name.filter((each) => /^[aB]$/.test(each)).join('/') || 'a';
      if (judgeLinks([{ name: path, target: target.join('/') }]) !== undefined) return;
      assert.ok(
        `${normalize(join('/root', path, '..', target.join('/')))}/`.startsWith('/root/'),
        `${path} -> ${target}`,
      );
    }),
  );
});
