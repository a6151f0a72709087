import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alteredIn, readSums, SUMS, sumOf, writeSums } from '../../src/store/checksums.ts';
import { StoreError } from '../../src/store/segment-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-sums-'));
  mkdirSync(join(folder, 'packets'));
  for (const name of ['a.json', 'packets/1.pcapng', 'packets/2.pcapng']) write(name, name.repeat(1000));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const sealed = (): string =>
  writeSums(
    folder,
    new Map(
      ['packets/2.pcapng', 'a.json', 'packets/1.pcapng'].map((name) => [name, sumOf(join(folder, name))]),
    ),
  );
const altered = () => alteredIn(folder, readSums(folder).sums);
const NOTHING = { changed: [], missing: [], added: [] };

describe('a list of checksums', () => {
  test('is what sha256sum reads, read-only, and has a sum itself', () => {
    const ownSum = sealed();
    const { status, stdout } = spawnSync('sha256sum', ['-c', SUMS], { cwd: folder, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'a.json: OK\npackets/1.pcapng: OK\npackets/2.pcapng: OK\n',
    });
    expect(statSync(join(folder, SUMS)).mode & 0o777).toBe(0o400);
    expect([ownSum, readSums(folder).ownSum]).toEqual(Array(2).fill(sumOf(join(folder, SUMS))));
  });

  test('has the sums of files of any length', () => {
    write('large', 'x'.repeat(3_000_000));
    expect(sumOf(join(folder, 'large'))).toBe(
      createHash('sha256').update('x'.repeat(3_000_000)).digest('hex'),
    );
  });

  test('finds what was changed, removed and added', () => {
    sealed();
    expect(altered()).toEqual(NOTHING);
    write('packets/1.pcapng', 'other');
    rmSync(join(folder, 'a.json'));
    mkdirSync(join(folder, 'more'));
    write('more/file', '');
    write('packets/.hidden', '');
    expect(altered()).toEqual({
      changed: ['packets/1.pcapng'],
      missing: ['a.json'],
      added: ['more/file', 'packets/.hidden'],
    });
  });

  test('takes a link to the same octets for a change: they lie elsewhere', () => {
    sealed();
    const elsewhere = mkdtempSync(join(tmpdir(), 'earshot-sums-'));
    writeFileSync(join(elsewhere, 'a.json'), 'a.json'.repeat(1000));
    rmSync(join(folder, 'a.json'));
    symlinkSync(join(elsewhere, 'a.json'), join(folder, 'a.json'));
    expect(altered()).toEqual({ ...NOTHING, changed: ['a.json'] });
    rmSync(elsewhere, { recursive: true });
  });

  test.each(['/etc/passwd', '../outside', 'packets/../../outside', './a.json', 'packets//1.pcapng'])(
    'that names %s is refused',
    (name) => {
      write(SUMS, `${'0'.repeat(64)}  ${name}\n`);
      expect(() => readSums(folder)).toThrow(
        `${join(folder, SUMS)} is no list of SHA-256 sums of files below it`,
      );
    },
  );

  test('that is none is said to be none, as is one that is not there', () => {
    expect(() => readSums(folder)).toThrow(/SHA256SUMS cannot be read \(ENOENT\)/);
    write(SUMS, 'hello\n');
    expect(() => readSums(folder)).toThrow(StoreError);
    write('list', '');
    rmSync(join(folder, SUMS));
    symlinkSync('list', join(folder, SUMS));
    expect(() => readSums(folder)).toThrow(/SHA256SUMS cannot be read \(no file\)/);
  });
});
