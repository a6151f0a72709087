import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SavingCalls, type SavingChoice } from '../../src/cli/saving-calls.ts';
import type { Log } from '../../src/live/log.ts';
import type { ReportCall } from '../../src/report/contract.ts';
import { markHold } from '../../src/store/hold-marks.ts';
import { callTold } from '../metrics/records.ts';
import { build, DEMO, earshot, Folder, ROOT } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

let made = 0;

/** Saving at a clock that stands, whose files have so many octets; calls named `gone-...` are in no packet any more. */
function saving(changes: Partial<SavingChoice> = {}, octets = 100) {
  const directory = folder.at(`saved-${made++}`);
  const clock = { ms: Date.UTC(2026, 0, 2, 3, 4, 5) };
  const asked: string[][] = [];
  const said: string[] = [];
  const log = { notice: ({ text }: { text: string }) => said.push(text) } as unknown as Log;
  const calls = new SavingCalls(
    { keptIn: 'kept', directory, least: 'critical', maxBytes: 1e6, ...changes },
    {
      log,
      nowMs: () => clock.ms,
      slice: (_, callIds, file) => {
        asked.push([...callIds]);
        if (callIds.some((callId) => callId.startsWith('gone')))
          return Promise.resolve({ code: 1, said: 'no call "gone"' });
        writeFileSync(file, Buffer.alloc(octets));
        return Promise.resolve({ code: 0, said: '' });
      },
    },
  );
  const told = (...callIds: string[]) =>
    calls.records(callIds.map((callId) => callTold({ callId, severity: 'critical' })));
  const files = () =>
    readdirSync(directory)
      .filter((name) => name !== 'holds')
      .sort();
  return { calls, clock, asked, said, told, directory, files };
}

/** What was begun ends. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('bad calls', () => {
  test('that end together share a file, once they have settled', async () => {
    const { calls, clock, asked, told, files } = saving();
    told('a', 'b', 'a');
    calls.tick();
    expect(asked).toEqual([]);
    clock.ms += 5000;
    calls.tick();
    await settled();
    expect(asked).toEqual([['a', 'b']]);
    expect(files()).toEqual(['calls-20260102T030410000Z.pcapng']);
  });

  test('are those with a critical finding, or with any that is more than information', () => {
    const records = (['critical', 'warning', 'info', null] as const).map((severity) =>
      callTold({ callId: String(severity), severity }),
    );
    const asked = async (least: 'critical' | 'warning') => {
      const made = saving({ least });
      made.calls.records(records);
      await made.calls.finish();
      return made.asked;
    };
    return Promise.all([
      expect(asked('critical')).resolves.toEqual([['critical']]),
      expect(asked('warning')).resolves.toEqual([['critical', 'warning']]),
    ]);
  });

  test('one of which has no packets any more do not lose the others', async () => {
    const { calls, asked, said, told, files } = saving();
    told('a', 'gone', 'b');
    await calls.finish();
    expect(asked).toEqual([['a', 'gone', 'b'], ['a'], ['gone'], ['b']]);
    expect(files()).toHaveLength(2);
    expect(said).toEqual(['bad calls saved', 'a bad call could not be saved', 'bad calls saved']);
  });

  test('of a bad hour take no more room than they are given, and the oldest go', async () => {
    const { calls, clock, told, files } = saving({ maxBytes: 350 });
    for (let i = 0; i < 6; i++) {
      told(`c${i}`);
      clock.ms += 60_000;
      await calls.finish();
    }
    expect(files().map((name) => name.slice(15, 19))).toEqual(['0308', '0309', '0310']);
  });

  test('that are held stay, beside those of the last days', async () => {
    const { calls, clock, told, files, directory } = saving({ maxBytes: 350 });
    const fromUs = (clock.ms + 60_000) * 1000;
    const about = { fromUs, toUs: fromUs + 60e6, madeUs: fromUs, maxBytes: 1e6 };
    await markHold(directory, { name: 'x', reason: '', who: '', probe: null, ...about });
    // What is saved in the hour after may be of a call of that time.
    for (const minutes of [0, 1, 1, 70, 1, 1, 1]) {
      told(`c${minutes}`);
      clock.ms += minutes * 60_000;
      await calls.finish();
    }
    expect(files().map((name) => name.slice(15, 19))).toEqual(['0417', '0418', '0419']);
    const held = readdirSync(join(directory, 'holds', 'x')).filter((name) => name !== 'hold.json');
    expect(held.map((name) => name.slice(15, 19))).toEqual(['0305', '0306']);
  });

  test('beyond those that may wait are counted and said', async () => {
    const { calls, asked, said, told } = saving();
    told(...Array.from({ length: 300 }, (_, i) => `c${i}`));
    await calls.finish();
    expect(asked.flat()).toHaveLength(256);
    expect(asked).toHaveLength(16);
    expect(said.filter((text) => text === 'more bad calls than can be saved')).toHaveLength(1);
  });

  test('leave most of the time to others', async () => {
    const { calls, clock, asked, told } = saving();
    const slow = calls as unknown as { parts: { slice: (...args: unknown[]) => Promise<unknown> } };
    const { slice } = slow.parts;
    slow.parts.slice = (...args) => {
      clock.ms += 10_000;
      return slice(...args);
    };
    told('a');
    clock.ms += 5000;
    calls.tick();
    await settled();
    told('b');
    for (let s = 0; s < 39; s++) {
      clock.ms += 1000;
      calls.tick();
    }
    expect(asked).toEqual([['a']]);
    clock.ms += 1000;
    calls.tick();
    expect(asked).toEqual([['a'], ['b']]);
  });
});

test('earshot live --keep-bad-in saves what replay judges again', () => {
  const [kept, bad] = [folder.at('kept'), folder.at('bad')];
  const options = ['--keep', '1h', '--keep-in', kept, '--keep-bad-in', bad, '--json'];
  const live = earshot(['live', '-', ...options], { input: readFileSync(join(ROOT, DEMO)) });
  expect(live.code).toBe(0);
  const files = readdirSync(bad).map((name) => join(bad, name));
  expect(files.map((file) => basename(file))).toEqual([
    expect.stringMatching(/^calls-\d{8}T\d{9}Z\.pcapng$/),
  ]);
  const callsOf = (path: string): ReportCall[] =>
    (JSON.parse(earshot(['replay', path, '--json']).stdout) as { calls: ReportCall[] }).calls;
  const brief = (calls: ReportCall[]) =>
    calls.map(({ callId, verdict, findings }) => [callId, verdict, findings]);
  const critical = callsOf(DEMO).filter(({ severity }) => severity === 'critical');
  expect(critical).toHaveLength(5);
  expect(brief(callsOf(files[0]!)).sort()).toEqual(brief(critical).sort());
});
