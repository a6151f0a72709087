import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HoldAccount } from '../../src/cli/hold-account.ts';
import type { ReportCall } from '../../src/report/contract.ts';
import { build, demoParts, earshot, Folder, type Outcome, ROOT } from './earshot.ts';

const folder = new Folder();
const [kept, history] = [folder.at('kept'), folder.at('history')];
const PLACES = ['--keep-in', kept, '--history', history];
const DAY = '2026-03-02T';
const hold = (...args: string[]): Outcome => earshot(['hold', ...args, ...PLACES]);
const names = (directory: string): string[] => readdirSync(directory).sort();

const { header, records } = demoParts();
const FIRST_S = new DataView(records[0]!.buffer).getUint32(0, true);
/** The demo capture between two of its seconds. */
function seconds(from: number, to: number): Uint8Array {
  const wanted = records.filter((record) => {
    const second = new DataView(record.buffer, record.byteOffset).getUint32(0, true) - FIRST_S;
    return second >= from && second < to;
  });
  return Buffer.concat(wanted);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 50) {
    if (waited > 12_000) throw new Error(`in vain: ${names(kept).join(' ')}`);
    await pause(50);
  }
}

/** A probe that keeps six seconds of what it is fed. */
function probe(): ChildProcess {
  const args = ['bin/earshot.js', 'live', '-', '--keep', '6s', ...PLACES];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin!.write(header);
  return child;
}

beforeAll(build, 120_000);
afterAll(() => folder.remove());

/** The exported folder, and what lies in it. */
function exported(
  name: string,
  to: string,
): { path: string; account: HoldAccount; sum: string; said: string } {
  const path = folder.at(to);
  const { code, stdout, stderr } = hold('export', name, '-o', path);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const account = JSON.parse(readFileSync(join(path, 'hold.json'), 'utf8')) as HoldAccount;
  return { path, account, sum: /noted elsewhere: ([0-9a-f]{64})\n/.exec(stdout)![1]!, said: stdout };
}

describe('earshot hold, beside a probe that rotates', () => {
  test('keeps what it is about, over rotation and a restart, until it is released', async () => {
    const first = probe();
    first.stdin!.write(seconds(0, 13));
    await until(() => existsSync(kept) && names(kept).includes('earshot-20260302T090010004Z.pcapng'));
    const span = `${DAY}09:00:06..${DAY}09:00:09`;
    const added = hold('add', 'ticket', '--at', span, '--reason', 'one-way audio', '--who', 'Anna, NOC');
    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toMatch(
      /^ticket: 2026-03-02 09:00:06 to 2026-03-02 09:00:09 UTC; made .* by Anna, NOC\n {2}reason: {2}one-way audio\n {2}packets: 1 file, /,
    );
    const open = ['--at', `${DAY}09:00:11`, '--until-released'];
    expect(hold('add', 'open', ...open, '--reason', 'it goes on').code).toBe(0);
    first.stdin!.end(seconds(13, 22));
    await once(first, 'close');
    const second = probe();
    second.stdin!.write(seconds(22, 60));
    await until(() => names(kept)[0] === 'earshot-20260302T090027002Z.pcapng');
    second.stdin!.end();
    await once(second, 'close');
    expect(names(kept)[0]).toBe('earshot-20260302T090027002Z.pcapng');
    const heldOf = (name: string) => names(join(kept, 'holds', name)).filter((file) => file !== 'hold.json');
    expect(heldOf('ticket')).toEqual(['earshot-20260302T090005004Z.pcapng']);
    expect(heldOf('open').map((name) => name.slice(21, 23))).toEqual(['10', '15', '20', '22']);
    expect(hold('end', 'open').code).toBe(0);
    expect(heldOf('open')).toHaveLength(7);
    const listed = JSON.parse(hold('list', '--json').stdout) as {
      holds: { name: string; to: string | null }[];
    };
    expect(listed.holds.map(({ name }) => name)).toEqual(['open', 'ticket']);
    expect(listed.holds[0]!.to).not.toBeNull();
  }, 60_000);

  test('exports what anybody can verify, and replay', () => {
    const { path, account, sum } = exported('ticket', 'ticket');
    expect(names(path)).toEqual(['SHA256SUMS', 'history.ndjson', 'hold.json', 'packets']);
    const file = join(path, 'packets', 'earshot-20260302T090005004Z.pcapng');
    expect(statSync(file).mode & 0o777).toBe(0o400);
    const { status } = spawnSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], { cwd: path });
    expect(status).toBe(0);
    expect(account).toMatchObject({
      schema: 'earshot.hold-export/1',
      hold: { name: 'ticket', reason: 'one-way audio', who: 'Anna, NOC', from: `${DAY}09:00:06.000000Z` },
      packets: { missing: [], drops: { dropped: 0, times: [] } },
    });
    expect(account.packets!.contents).toMatch(/of RTP the headers only.*nothing that was said/);
    expect(account.packets!.files).toHaveLength(1);
    const verified = earshot(['hold', 'verify', path, '--sum', sum]);
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('whole, 3 files') });
    const replay = earshot(['replay', file, '--json']);
    const { calls } = JSON.parse(replay.stdout) as { calls: ReportCall[] };
    expect(calls.length).toBeGreaterThan(0);
  });

  test('an export says which of its time is missing', () => {
    const span = `${DAY}09:00:20..${DAY}09:02:00`;
    expect(hold('add', 'late', '--at', span, '--reason', 'too late').code).toBe(0);
    const { account, said } = exported('late', 'late');
    const { files, missing } = account.packets!;
    expect(missing.map(({ reason }) => reason)).toEqual(['before_first', 'after_last']);
    expect([missing[0]!.to, missing[1]!.from]).toEqual([files[0]!.from, files.at(-1)!.to]);
    expect(said).toMatch(/missing: 2026-03-02 09:00:20 to 2026-03-02 09:00:27 UTC \(7\.0 s\): gone before/);
  });

  test('a hold that is full says from when on', () => {
    const lines = readFileSync(join(kept, 'holds', 'open', 'hold.json'), 'utf8');
    expect(JSON.parse(lines)).toMatchObject({ maxBytes: 4096 * 2 ** 20 });
    // No room is asked for in less than a MiB; this is what a marker says that somebody else wrote.
    const small = folder.at('small');
    mkdirSync(small);
    for (const name of names(join(kept, 'holds', 'open')).filter((each) => each.endsWith('.pcapng')))
      writeFileSync(join(small, name), Buffer.alloc(400_000));
    const args = ['--keep-in', small, '--history', history, '--max-mib', '1', '--reason', 'small'];
    const { code, stdout } = earshot([
      'hold',
      'add',
      'small',
      '--at',
      `${DAY}09:00:10..${DAY}09:00:30`,
      ...args,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/packets: 2 files, 0\.8 MiB of at most 1\.0 MiB/);
    expect(stdout).toMatch(
      /missing: 2026-03-02 09:00:20 to 2026-03-02 09:00:30 UTC \(10\.0 s\): the hold is full/,
    );
    expect(earshot(['hold', 'release', 'small', '--keep-in', small, '--history', history]).code).toBe(0);
  });

  test('a release lets go of the files, in packets and history', () => {
    expect(hold('release', 'open').stdout).toMatch(/^open is released: \d\.\d MiB are held no longer\n$/);
    expect([names(join(kept, 'holds')), names(join(history, 'holds'))]).toEqual([
      ['late', 'ticket'],
      ['late', 'ticket'],
    ]);
    const again = hold('release', 'open');
    expect(again).toEqual({
      code: 1,
      stdout: '',
      stderr: 'earshot: no hold "open"; there are late, ticket\n',
    });
  });
});

describe('what is held of now', () => {
  test('comes with the records of the history, and the same calls', () => {
    const shift = Math.floor(Date.now() / 1000) - 45 - FIRST_S;
    const now = records.map((record) => {
      const moved = record.slice();
      const view = new DataView(moved.buffer);
      view.setUint32(0, view.getUint32(0, true) + shift, true);
      return moved;
    });
    // Packets and history may lie together.
    const kept = folder.at('kept-now');
    const places = ['--keep-in', kept, '--history', kept, '--keep-bad-in', folder.at('bad-now')];
    const input = Buffer.concat([header, ...now]);
    expect(earshot(['live', '-', '--keep', '1h', ...places], { input }).code).toBe(0);
    const added = earshot(['hold', 'add', 'now', '--last', '10m', '--reason', 'now', ...places, '--json']);
    expect(added.code).toBe(0);
    const path = folder.at('now');
    expect(earshot(['hold', 'export', 'now', '-o', path, ...places]).code).toBe(0);
    expect(earshot(['hold', 'verify', path]).stdout).toContain('whole, ');
    const told = readFileSync(join(path, 'history.ndjson'), 'utf8').trim().split('\n');
    const calls = told.filter((line) => line.startsWith('{"type":"call"'));
    expect(calls).toHaveLength(8);
    const { badCalls } = JSON.parse(readFileSync(join(path, 'hold.json'), 'utf8')) as HoldAccount;
    expect(badCalls!.files.map((file) => file.path)).toEqual([
      `bad-calls/${names(join(path, 'bad-calls'))[0]!}`,
    ]);
    expect(badCalls!.files[0]!.packets).toBeGreaterThan(1000);
    const files = names(join(path, 'packets')).map((name) => join(path, 'packets', name));
    const replayed = JSON.parse(earshot(['replay', ...files, '--json']).stdout) as { calls: ReportCall[] };
    expect(replayed.calls.map(({ callId }) => callId).sort()).toEqual(
      calls.map((line) => (JSON.parse(line) as ReportCall).callId).sort(),
    );
    expect(earshot(['hold', 'release', 'now', ...places]).code).toBe(0);
    expect(names(join(kept, 'holds'))).toEqual([]);
  });
});

describe('earshot hold verify', () => {
  test('tells what was changed, removed and added, and a list that was written anew', () => {
    const { path, sum } = exported('ticket', 'altered');
    const file = join(path, 'packets', 'earshot-20260302T090005004Z.pcapng');
    chmodSync(file, 0o600);
    appendFileSync(file, 'x');
    rmSync(join(path, 'history.ndjson'));
    writeFileSync(join(path, 'packets', 'more.pcapng'), '');
    const altered = earshot(['hold', 'verify', path]);
    expect(altered).toMatchObject({ code: 1, stderr: '' });
    expect(altered.stdout.split('\n').slice(0, 3)).toEqual([
      'changed: packets/earshot-20260302T090005004Z.pcapng',
      'missing: history.ndjson',
      'added:   packets/more.pcapng',
    ]);
    rmSync(join(path, 'SHA256SUMS'));
    const { stdout } = spawnSync('sh', ['-c', 'sha256sum hold.json packets/* > SHA256SUMS; cat SHA256SUMS'], {
      cwd: path,
      encoding: 'utf8',
    });
    expect(stdout.split('\n')).toHaveLength(4);
    expect(earshot(['hold', 'verify', path]).code).toBe(0);
    const noted = earshot(['hold', 'verify', path, '--sum', sum, '--json']);
    expect(noted.code).toBe(1);
    expect(JSON.parse(noted.stdout)).toMatchObject({ whole: false, isListNoted: false, changed: [] });
  });
});

describe('earshot hold refuses in one line', () => {
  const reason = ['--reason', 'x'];
  test.each([
    [['add', '../up', '--last', '1m', ...reason], 2, /letters, digits/],
    [['add', 'x', '--last', '1m'], 2, /--reason/],
    [['add', 'x', ...reason], 2, /--at 13:50\.\.14:20, --last 30m or --until-released/],
    [['add', 'x', '--at', '13:50', '--last', '1m', ...reason], 2, /exclude each other/],
    [['add', 'x', '--at', 'soon', ...reason], 2, /--at: "soon": expected a time/],
    [['add', 'x', '--last', '1m', '--reason', 'a\nb'], 2, /printable/],
    [['add', 'x', '--last', '1m', '--max-mib', '0', ...reason], 2, /MiB from 1 up/],
    [['add', 'ticket', '--last', '1m', ...reason], 1, /has a hold "ticket" already/],
    [['end', 'nobody'], 1, /no hold "nobody"; there are late, ticket/],
    [['export', 'ticket', '-o', ROOT], 1, /is there already; name a new folder/],
    [['export', 'ticket', '-o', '/nowhere/at/all'], 1, /cannot be written.*ENOENT/],
    [['export', 'ticket'], 2, /--output/],
  ])('%j', (args, code, said) => {
    const refused = hold(...args);
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code, stdout: '' });
    expect(refused.stderr).toMatch(/^earshot: [^\n]+\n$/);
    expect(refused.stderr).toMatch(said);
  });

  test('where nothing says what is kept, and where nothing is', () => {
    const unsaid = earshot(['hold', 'list']);
    expect(unsaid).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/give --config, --keep-in or --history/),
    });
    const absent = earshot(['hold', 'add', 'x', '--last', '1m', ...reason, '--keep-in', folder.at('no')]);
    expect(absent).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no cannot be read \(ENOENT\)\n$/),
    });
    expect(earshot(['hold', 'verify', folder.at('no')])).toMatchObject({
      ...{ code: 1, stderr: expect.stringMatching(/SHA256SUMS cannot be read \(ENOENT\)/) },
    });
    expect(names(join(history, 'holds'))).toEqual(['late', 'ticket']);
  });
});
