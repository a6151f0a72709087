import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { fullSince } from '../../src/store/held-room.ts';
import { HOLD_NAME, type Hold, holdIn, markerText } from '../../src/store/hold.ts';
import { HOLDS_MAX, markHold, releaseHold, remarkHold } from '../../src/store/hold-marks.ts';
import { covers, endOf, Holds } from '../../src/store/holds.ts';
import { type HeldKind, segmentsIn } from '../../src/store/segment.ts';
import { SegmentFiles, StoreError } from '../../src/store/segment-files.ts';

const SECOND_US = 1e6;
const START_US = Date.UTC(2026, 2, 2, 9) * 1000;
const OCTETS = 1000;

const folders: string[] = [];
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'earshot-holds-'));
  folders.push(path);
  return path;
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** A hold on some seconds since the start. */
function hold(changes: Partial<Hold> = {}, from = 20, to: number | null = 39): Hold {
  const times = { fromUs: START_US + from * SECOND_US, toUs: to === null ? null : START_US + to * SECOND_US };
  const said = { name: 'ticket-4711', reason: 'one-way audio', who: 'Anna', probe: null };
  return { ...said, madeUs: START_US, maxBytes: 1 << 20, ...times, ...changes };
}

/** Writes a file of ten seconds for each of these numbers, which it is full of. */
async function write(files: SegmentFiles, ...numbers: number[]): Promise<void> {
  for (const number of numbers) {
    files.begin(START_US + number * 10 * SECOND_US);
    files.append(new Uint8Array(OCTETS).fill(number), () => {});
    await files.idle();
  }
}

/** Time passes, and what is older than 10 s goes. */
async function expire(files: SegmentFiles, second: number): Promise<void> {
  files.expire(START_US + (second - 10) * SECOND_US);
  await files.idle();
}

/** What the files of a directory are full of. */
function numbersIn(directory: string): number[] {
  return segmentsIn(directory, 'pcapng').map(({ path }) => readFileSync(path)[0]!);
}

const heldIn = (directory: string, name = 'ticket-4711'): number[] =>
  numbersIn(join(directory, 'holds', name));

function ring(directory: string, maxBytes = 1 << 20): SegmentFiles {
  return new SegmentFiles(directory, maxBytes, 'pcapng');
}

/** Marks a hold and holds what there is, as `earshot hold add` does. */
async function held(directory: string, wanted: Hold): Promise<string> {
  const path = await markHold(directory, wanted);
  const holds = new Holds(directory, 'pcapng');
  const standing = (await holds.all()).find(({ name }) => name === wanted.name)!;
  await holds.gather(standing, segmentsIn(directory, 'pcapng'));
  return path;
}

describe('a hold', () => {
  test('outlives rotation by time: what it is about stays, the rest goes', async () => {
    const directory = folder();
    const files = ring(directory);
    await write(files, 0, 1, 2, 3, 4, 5);
    await held(directory, hold());
    await write(files, 6, 7, 8);
    await expire(files, 85);
    await files.close();
    expect(numbersIn(directory)).toEqual([7, 8]);
    // One ends where the next begins, at 20 s.
    expect(heldIn(directory)).toEqual([1, 2, 3]);
    expect(files.extent).toMatchObject({ files: 2, bytes: 2 * OCTETS });
  });

  test('outlives rotation by size, and a full disk that removes the oldest', async () => {
    const directory = folder();
    const files = ring(directory, 3 * OCTETS);
    await held(directory, hold({}, 0, null));
    await write(files, 0, 1, 2, 3, 4, 5);
    await expire(files, 0);
    await files.close();
    expect(numbersIn(directory)).toEqual([3, 4, 5]);
    expect(heldIn(directory)).toEqual([0, 1, 2]);
  });

  test('of all that comes goes on over a restart, and ends when somebody ends it', async () => {
    const directory = folder();
    const wanted = hold({}, 20, null);
    const path = await held(directory, wanted);
    const first = ring(directory);
    await write(first, 0, 1, 2, 3);
    await first.close();
    const second = ring(directory);
    await write(second, 4, 5, 6);
    await expire(second, 65);
    expect(heldIn(directory)).toEqual([1, 2, 3, 4]);
    await remarkHold(directory, path, { ...wanted, toUs: START_US + 55 * SECOND_US });
    await write(second, 7, 8, 9);
    await expire(second, 99);
    await second.close();
    expect(heldIn(directory)).toEqual([1, 2, 3, 4, 5]);
  });

  test('takes no more room than it may, and says from when on it has nothing', async () => {
    const directory = folder();
    const files = ring(directory);
    const path = await held(directory, hold({ maxBytes: 3.5 * OCTETS }, 0, null));
    await write(files, 0, 1, 2, 3, 4, 5, 6);
    await expire(files, 79);
    expect(heldIn(directory)).toEqual([0, 1, 2]);
    expect(await fullSince(path)).toBe(START_US + 30 * SECOND_US);
    expect(files.takeUnheld()).toBe(
      'hold ticket-4711 is full: nothing from 2026-03-02T09:00:30.000Z on is held',
    );
    expect(files.takeUnheld()).toBeNull();
    await write(files, 7);
    await expire(files, 89);
    await files.close();
    expect(heldIn(directory)).toEqual([0, 1, 2]);
  });

  test('does not cost another hold its files', async () => {
    const directory = folder();
    const files = ring(directory);
    await write(files, 0, 1, 2, 3, 4, 5);
    await held(directory, hold({ name: 'a', maxBytes: OCTETS * 1.5 }));
    await held(directory, hold({ name: 'b' }));
    await expire(files, 59);
    await files.close();
    expect([heldIn(directory, 'a'), heldIn(directory, 'b')]).toEqual([[1], [1, 2, 3]]);
  });

  test('has an hour more of what is told and saved when calls are over, and nothing more of packets', () => {
    const wanted = hold({}, 0, 60);
    const begins = (second: number) => ({ path: '', bytes: 0, startUs: START_US + second * SECOND_US });
    const isHeld = (kind: HeldKind, second: number) =>
      covers(wanted, begins(second), endOf([begins(second)], 0, kind), kind);
    expect([isHeld('pcapng', 60), isHeld('pcapng', 61)]).toEqual([true, false]);
    expect([isHeld('ndjson', 3660), isHeld('ndjson', 3661)]).toEqual([true, false]);
    expect([isHeld('calls', 3660), isHeld('calls', 3661), isHeld('calls', -1)]).toEqual([true, false, false]);
    // Where a file of the history ends that has no next one nobody knows.
    expect([isHeld('ndjson', -9000), isHeld('pcapng', -61)]).toEqual([true, false]);
  });

  test('is not about the last file of a probe that stopped long before', async () => {
    const directory = folder();
    const files = ring(directory);
    await write(files, 0, 1);
    await files.close();
    await held(directory, hold({}, 75, 600));
    await held(directory, hold({ name: 'earlier' }, 69, 600));
    expect([heldIn(directory), heldIn(directory, 'earlier')]).toEqual([[], [1]]);
  });

  test('that is released holds nothing any more', async () => {
    const directory = folder();
    const files = ring(directory);
    await write(files, 0, 1, 2);
    await held(directory, hold({}, 0, null));
    await releaseHold(directory, 'ticket-4711');
    await write(files, 3, 4);
    await expire(files, 49);
    await files.close();
    expect(numbersIn(directory)).toEqual([3, 4]);
    expect(readdirSync(join(directory, 'holds'))).toEqual([]);
  });

  test('tells files of one name apart: a recording that is fed again', async () => {
    const directory = folder();
    await held(directory, hold({}, 0, null));
    for (const number of [0, 1]) {
      const files = ring(directory);
      files.begin(START_US);
      files.append(new Uint8Array(OCTETS).fill(number), () => {});
      await write(files, 2 + number);
      await expire(files, 90);
      await files.close();
      rmSync(segmentsIn(directory, 'pcapng').at(-1)!.path);
    }
    expect(heldIn(directory).sort()).toEqual([0, 1]);
  });
});

describe('a hold that is not as it should be', () => {
  test('holds everything where its marker cannot be understood', async () => {
    const directory = folder();
    const files = ring(directory);
    const path = await held(directory, hold({}, 500, 600));
    writeFileSync(join(path, 'hold.json'), '{"schema":"earshot.hold/1","na');
    await write(files, 0, 1, 2, 3);
    await expire(files, 39);
    await files.close();
    expect(heldIn(directory)).toEqual([0, 1]);
  });

  test('or cannot be read keeps files where they are, until they take twice their room, and is said', async () => {
    const directory = folder();
    const files = ring(directory, 4 * OCTETS);
    mkdirSync(join(directory, 'holds', 'broken', 'hold.json'), { recursive: true });
    await write(files, 0, 1, 2, 3, 4, 5);
    await expire(files, 59);
    expect(numbersIn(directory)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(files.takeUnheld()).toBe('earshot-20260302T090000000Z.pcapng cannot be held (EISDIR)');
    await write(files, 6, 7, 8, 9);
    await expire(files, 99);
    await files.close();
    expect(numbersIn(directory)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('is none where there is no marker in a folder', async () => {
    const directory = folder();
    mkdirSync(join(directory, 'holds', 'notes'), { recursive: true });
    writeFileSync(join(directory, 'holds', 'file'), '');
    expect(await new Holds(directory, 'pcapng').all()).toEqual([]);
  });
});

describe('a mark', () => {
  test('is read as it was written, and is for those alone who may read what is held', async () => {
    const directory = folder();
    const wanted = hold({ reason: 'says "x"\u001b[31m', probe: 'fra-1' }, 20, null);
    const path = await markHold(directory, wanted);
    const marker = join(path, 'hold.json');
    expect(holdIn(readFileSync(marker, 'utf8'))).toEqual(wanted);
    expect([statSync(path).mode & 0o777, statSync(marker).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(JSON.parse(markerText(hold()))).toMatchObject({
      schema: 'earshot.hold/1',
      from: '2026-03-02T09:00:20.000Z',
      to: '2026-03-02T09:00:39.000Z',
    });
  });

  test('of a name that is taken is refused, and the one that is there stays', async () => {
    const directory = folder();
    await markHold(directory, hold({ who: 'Anna' }));
    await expect(markHold(directory, hold({ who: 'Bert' }))).rejects.toThrow(
      'has a hold "ticket-4711" already',
    );
    expect((await new Holds(directory, 'pcapng').all())[0]!.hold!.who).toBe('Anna');
    expect(readdirSync(join(directory, 'holds'))).toEqual(['ticket-4711']);
  });

  test(`is one of ${HOLDS_MAX} at most`, async () => {
    const directory = folder();
    for (let i = 0; i < HOLDS_MAX; i++) mkdirSync(join(directory, 'holds', `h${i}`), { recursive: true });
    await expect(markHold(directory, hold())).rejects.toThrow(StoreError);
    await expect(markHold(directory, hold())).rejects.toThrow(/has 100 holds; release one/);
  });

  test.each(['..', '.', '.hidden', 'a/b', '../a', 'a\\b', '', 'a b', 'ä', 'a\n', '-rf', 'x'.repeat(65)])(
    'is not called %j',
    (name) => {
      expect(HOLD_NAME.test(name)).toBe(false);
    },
  );

  test.each([
    '{}',
    'null',
    '[]',
    '{"schema":"earshot.hold/2"}',
    markerText(hold()).replace('ticket-4711', '../x'),
    markerText(hold()).replace(/"from": "[^"]+"/, '"from": "soon"'),
  ])('is not %s', (text) => {
    expect(holdIn(text)).toBeNull();
  });
});
