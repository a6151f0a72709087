import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Hold } from '../../src/store/hold.ts';
import { markHold, releaseHold, remarkHold } from '../../src/store/hold-marks.ts';
import { SegmentFiles } from '../../src/store/segment-files.ts';

const SECOND_US = 1e6;
const START_US = Date.UTC(2026, 2, 2, 9) * 1000;
const OCTETS = 1000;

const folders: string[] = [];
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'earshot-held-status-'));
  folders.push(path);
  return path;
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

function hold(changes: Partial<Hold> = {}): Hold {
  const said = { name: 'outage', reason: 'trunk flaps', who: 'Anna', probe: null, maxBytes: 1 << 20 };
  return { ...said, madeUs: START_US, fromUs: START_US, toUs: null, ...changes };
}

/** A file of ten seconds for each of these numbers; then all but the last two go, and somebody looks. */
async function write(files: SegmentFiles, ...numbers: number[]): Promise<void> {
  for (const number of numbers) {
    const startUs = START_US + number * 10 * SECOND_US;
    files.begin(startUs);
    files.append(new Uint8Array(OCTETS).fill(number), () => {});
    // One look in five.
    for (let second = 0; second < 10; second++) {
      files.expire(startUs - 5 * SECOND_US);
      await files.idle();
    }
  }
}

test('a store says which holds stand, and what they have of what they may take', async () => {
  const directory = folder();
  const files = new SegmentFiles(directory, 1 << 20, 'pcapng');
  await write(files, 0, 1);
  expect(files.held).toEqual({ of: 'packets', holds: [], problem: null });
  await markHold(directory, hold());
  await write(files, 2, 3, 4);
  const one = { name: 'outage', files: 3, bytes: 3 * OCTETS, maxBytes: 1 << 20 };
  expect(files.held).toEqual({
    ...{ of: 'packets', problem: null },
    holds: [{ ...one, fullSince: null, problem: null }],
  });
  await releaseHold(directory, 'outage');
  await write(files, 5);
  expect(files.held.holds).toEqual([]);
  await files.close();
});

test('a hold that is full has a problem as long as files go that it is about, and none once it is ended', async () => {
  const directory = folder();
  const files = new SegmentFiles(directory, 1 << 20, 'pcapng');
  const path = await markHold(directory, hold({ maxBytes: 2.5 * OCTETS }));
  await write(files, 0, 1, 2, 3, 4, 5);
  const full = { name: 'outage', files: 2, bytes: 2 * OCTETS, maxBytes: 2.5 * OCTETS };
  const since = { fullSince: '2026-03-02T09:00:20.000Z' };
  expect(files.held.holds).toEqual([{ ...full, ...since, problem: 'it is full' }]);
  await remarkHold(directory, path, hold({ maxBytes: 2.5 * OCTETS, toUs: START_US + 30 * SECOND_US }));
  await write(files, 6, 7, 8);
  expect(files.held.holds).toEqual([{ ...full, ...since, problem: null }]);
  await files.close();
});

test('a hold that cannot take a file says so until it can, and costs no other hold its files', async () => {
  const directory = folder();
  const files = new SegmentFiles(directory, 1, 'pcapng');
  const path = await markHold(directory, hold({ name: 'a' }));
  await markHold(directory, hold({ name: 'b' }));
  // What says that it is full cannot be read: nobody knows whether it is.
  mkdirSync(join(path, 'full.json'));
  await write(files, 0, 1, 2, 3);
  const known = () => files.held.holds.map(({ name, files, problem }) => [name, files, problem]);
  expect(known()).toEqual([
    ['a', 0, 'earshot-20260302T090020000Z.pcapng cannot be held (EISDIR)'],
    ['b', 3, null],
  ]);
  rmSync(join(path, 'full.json'), { recursive: true });
  await write(files, 4);
  expect(known()).toEqual([
    ['a', 1, null],
    ['b', 4, null],
  ]);
  await files.close();
});

test('where nobody can know which holds there are, that is said', async () => {
  const directory = folder();
  const files = new SegmentFiles(directory, 1 << 20, 'ndjson');
  mkdirSync(join(directory, 'holds', 'broken', 'hold.json'), { recursive: true });
  await write(files, 0);
  expect(files.held).toEqual({ of: 'history', holds: [], problem: 'holds cannot be read (EISDIR)' });
  await files.close();
});
