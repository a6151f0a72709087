import '../property-seed.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aroundChange } from '../../src/compare/around-change.ts';
import type { Loose } from '../../src/compare/call-sample.ts';
import { type HistoryRecord, HistorySides } from '../../src/compare/history-sides.ts';
import { UnreadStream } from '../../src/compare/unread-stream.ts';
import type { ReportStream } from '../../src/report/contract.ts';
import { randomFor } from '../../src/synth/random.ts';
import { streamTold } from '../metrics/records.ts';
import { call, HOUR_S, MIDNIGHT_US, start, status } from './told.ts';

const unread = (line: string): UnreadStream | null =>
  UnreadStream.of(line, () => JSON.parse(line) as Loose<ReportStream>);

describe('a stream that is not read', () => {
  test('is whose its line says, and ended then', () => {
    const stream = streamTold({ callId: 'a1@pbx' });
    const { callId, endTime } = unread(JSON.stringify(stream))!;
    expect({ callId, endTime }).toEqual({ callId: 'a1@pbx', endTime: stream.endTime });
  });

  test.each([
    ['of no call', JSON.stringify(streamTold({ callId: null }))],
    ['that has not ended', JSON.stringify({ ...streamTold(), endTime: null })],
    ['whose call is written with escapes', JSON.stringify(streamTold({ callId: 'a"b' }))],
    [
      'with an end inside of something else',
      JSON.stringify({
        type: 'stream',
        id: 's',
        callId: 'a',
        tunnel: { in: { endTime: 'x' } },
        endTime: 'y',
        codec: null,
      }),
    ],
    ['that is cut off', JSON.stringify(streamTold()).slice(0, -2)],
    ['of another kind', JSON.stringify({ ...streamTold(), type: 'interval' })],
  ])('is none: one %s', (_, line) => {
    expect(unread(line)).toBeNull();
  });

  test('says nothing else than who reads it finds, whatever is in it', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('x","endTime":"y', '},"endTime":"z', '"}', '{', '[', ']', '\\', 'ü'),
    );
    const value = fc.oneof(
      text,
      fc.double(),
      fc.constant(null),
      fc.array(text),
      fc.dictionary(fc.constantFrom('endTime', 'callId', 'ip', 'type'), text),
    );
    const record = fc.record({
      callId: text,
      direction: value,
      src: value,
      tunnel: value,
      codec: value,
      endTime: text,
    });
    fc.assert(
      fc.property(record, (fields) => {
        const line = JSON.stringify({ type: 'stream', id: 's1', ...fields, durationMs: 1 });
        const found = unread(line);
        if (found === null) return;
        const { callId, endTime } = JSON.parse(line) as { callId: string; endTime: string };
        expect([found.callId, found.endTime]).toEqual([callId, endTime]);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Some hours around noon, in which calls and streams of all lengths begin and end anywhere. */
function* day(seed: number): Generator<HistoryRecord> {
  const random = randomFor(seed, 'unread');
  yield start(9 * HOUR_S);
  for (let at = 9 * HOUR_S; at < 15 * HOUR_S; at += 60) {
    yield status(at);
    const long = 20 + random.int(3000);
    const changes = random.int(5) === 0 ? { endUs: null, answerUs: null, state: 'open' as const } : {};
    const lost = random.int(3) * 30;
    yield* call({ callId: `call-${random.int(200)}`, from: at - long, long, lost, changes });
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'sides are the same with and without reading all streams (%i)',
  (seed) => {
    const noonUs = MIDNIGHT_US + 12 * HOUR_S * 1e6;
    const around = aroundChange({ fromUs: noonUs, toUs: noonUs + 60e6 }, 1.5, null);
    const whole = new HistorySides(around);
    const lazy = new HistorySides(around);
    let [streams, read, left] = [0, 0, 0];
    for (const record of day(seed)) {
      whole.take(record);
      const line = JSON.stringify(record);
      const stream = UnreadStream.of(line, () => {
        read++;
        return JSON.parse(line) as Loose<ReportStream>;
      });
      if (record.type === 'stream') streams++;
      if (stream !== null) left++;
      lazy.take(stream ?? record);
    }
    expect(lazy.sides(['history'])).toEqual(whole.sides(['history']));
    expect(lazy.recordsTaken).toBe(whole.recordsTaken);
    expect(left).toBe(streams);
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(0.75 * streams);
  },
);
