import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { HeldHistory } from '../../src/cli/held-history.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-held-history-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const START_MS = Date.UTC(2026, 2, 2, 9);
const at = (second: number): string => new Date(START_MS + second * 1000).toISOString().replace('Z', '000Z');

/** What the history of 100 s to 200 s has of these records. */
function held(...records: object[]) {
  const file = join(folder, 'history.ndjson');
  writeFileSync(file, `${records.map((record) => JSON.stringify(record)).join('\n')}\n{"type":"call","sta`);
  const told = new HeldHistory({ fromUs: (START_MS + 100_000) * 1000, toUs: (START_MS + 200_000) * 1000 });
  const lines = [...told.lines([file])];
  return { told, shown: lines.map((line) => (JSON.parse(line) as { is?: string }).is) };
}

const status = (second: number, dropped: number | null, lost: number | null = null) => ({
  ...{ type: 'status', time: at(second), dropped, is: `status ${second}` },
  kept: lost === null ? null : { lost },
});
const ran = (told: HeldHistory, from: number, to: number) =>
  told.ranIn({ fromUs: (START_MS + from * 1000) * 1000, toUs: (START_MS + to * 1000) * 1000 });

test('has what touches the span, as it was written, and no line that is not whole', () => {
  const { shown, told } = held(
    { type: 'call', startTime: at(10), endTime: at(99), is: 'before' },
    { type: 'call', startTime: at(10), endTime: at(100), is: 'into it' },
    { type: 'call', startTime: at(10), endTime: at(900), is: 'through it' },
    { type: 'interval', startTime: at(97), durationMs: 5000, is: 'interval' },
    { type: 'finding', startTime: at(150), endTime: null, is: 'in it' },
    { type: 'call', startTime: at(200.001), endTime: at(300), is: 'after' },
    { type: 'trunk', startTime: null, is: 'at no time' },
  );
  expect(shown).toEqual(['into it', 'through it', 'interval', 'in it', 'at no time']);
  expect(told.probe.records).toBe(5);
});

test('counts what was lost in the span, over starts of the probe', () => {
  const { told } = held(
    status(90, 40, 5),
    status(110, 47, 5),
    { type: 'start', time: at(120), run: 1 },
    status(130, 3, 0),
    status(140, 4, 2),
    status(210, 90, 90),
  );
  expect(told.probe).toMatchObject({ dropped: 11, notKept: 2, starts: [at(120)] });
});

test('knows of no loss where the counters before are not known, and of nothing where nobody counts', () => {
  expect(held(status(110, 4000, 300)).told.probe).toMatchObject({ dropped: 0, notKept: 0 });
  expect(held(status(110, null)).told.probe).toMatchObject({ dropped: null, notKept: null });
});

test('says whether the probe ran, as far as it can', () => {
  const { told } = held(status(110, 0), status(120, 0), status(190, 0));
  expect([ran(told, 105, 115), ran(told, 121, 189), ran(told, 121, 129)]).toEqual([true, false, null]);
  expect(ran(held().told, 100, 200)).toBeNull();
});
