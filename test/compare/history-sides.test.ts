import '../property-seed.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aroundChange } from '../../src/compare/around-change.ts';
import { compareSets } from '../../src/compare/compare-sets.ts';
import { type HistoryRecord, HistorySides } from '../../src/compare/history-sides.ts';
import { randomFor } from '../../src/synth/random.ts';
import { call, HOUR_S, MIDNIGHT_US, start, status, statuses, type ToldCall } from './told.ts';

const NOON_US = MIDNIGHT_US + 12 * HOUR_S * 1e6;
const noon = (hours = 2, daysBack: number | null = null) =>
  aroundChange({ fromUs: NOON_US, toUs: NOON_US + 60e6 }, hours, daysBack);

function sidesOf(records: Iterable<HistoryRecord>, around = noon()) {
  const sides = new HistorySides(around);
  for (const record of records) sides.take(record);
  return sides.sides(['history']);
}

/** A history of some hours around noon: statuses, and a call every half minute. */
function* day(of: (at: number) => Partial<ToldCall>, hours = 4): Generator<HistoryRecord> {
  yield start(0);
  for (let at = (12 - hours) * HOUR_S; at < (12 + hours) * HOUR_S; at += 30) {
    yield* statuses(at, at + 20);
    yield* call({ callId: `call-${at}`, from: at - 40, ...of(at) });
  }
}

const claimsOf = (records: Iterable<HistoryRecord>, around = noon()): string[] => {
  const { a, b, history } = sidesOf(records, around);
  return compareSets(a, b, { history })
    .changes.filter(({ verdict }) => verdict === 'worse' || verdict === 'better')
    .map(({ measure, aspect, verdict }) => `${measure} ${aspect} ${verdict}`);
};

describe('what a history says of a change', () => {
  test('is found where it was: loss that came at noon', () => {
    const random = randomFor(1, 'noon');
    const history = [...day((at) => ({ lost: at > 12 * HOUR_S && random.float() < 0.3 ? 40 : 0 }))];
    expect(claimsOf(history)).toContain('lost overall worse');
    expect(claimsOf(history)).toContain('finding:random_loss overall worse');
    const earlier = aroundChange({ fromUs: NOON_US - 2 * 3600e6, toUs: NOON_US - 2 * 3600e6 }, 1.5, null);
    expect(claimsOf(history, earlier)).toEqual([]);
  });

  test('is hardly ever something where nothing changed', { timeout: 120_000 }, () => {
    let claimed = 0;
    for (let seed = 0; seed < 100; seed++) {
      const random = randomFor(seed, 'calm');
      const history = day(
        () => ({
          lost: random.float() < 0.3 ? Math.floor(60 * random.float()) : 0,
          jitterMs: 5 + 2 * random.gauss(),
        }),
        1,
      );
      if (claimsOf(history, noon(1)).length > 0) claimed++;
    }
    // One in a hundred is what is promised; five are 5 deviations from it.
    expect(claimed).toBeLessThanOrEqual(5);
  });
});

describe('which calls are on a side', () => {
  const H = HOUR_S;

  test('those that are there with all of their time', () => {
    const { a, b, history } = sidesOf([
      ...statuses(9 * H, 15 * H),
      ...call({ callId: 'long before', from: 9 * H }),
      ...call({ callId: 'over the edge', from: 10 * H - 5 }),
      ...call({ callId: 'before', from: 10 * H }),
      ...call({ callId: 'across', from: 12 * H - 5 }),
      ...call({ callId: 'in the minute of it', from: 12 * H + 20 }),
      ...call({ callId: 'after', from: 12 * H + 60 }),
      ...call({ callId: 'late', from: 14 * H + 61 }),
    ]);
    expect([a.samples.length, b.samples.length]).toEqual([1, 1]);
    expect(history.leftOut).toEqual({ across: 2, overEdge: 1, untimed: 0, tooMany: 0 });
  });

  test('the same hours some days earlier, where that is asked for', () => {
    const records = [
      ...call({ callId: 'yesterday', from: 13 * H - 24 * H }),
      ...call({ callId: 'just before', from: 11 * H }),
      ...call({ callId: 'after', from: 13 * H }),
    ];
    const { a, b, history } = sidesOf(records, noon(2, 1));
    expect([a.samples.length, b.samples.length]).toEqual([1, 1]);
    expect(a.samples[0]!.unit).toContain('c yesterday');
    expect(history.a.fromTime).toBe('2026-11-19T12:01:00.000000Z');
  });

  test('a call told twice counts once, and ids that begin anew are other calls', () => {
    const leg = (callId: string) => call({ callId, from: 11 * H, changes: { conversationId: 'c1' } });
    const { a } = sidesOf([start(0), ...leg('x'), ...leg('x'), start(1), ...leg('y'), ...leg('z')]);
    expect(a.samples.map(({ unit }) => unit)).toEqual(['1 call c1', '2 call c1', '2 call c1']);
  });

  test('a call whose end nobody saw lasts as long as its streams', () => {
    const cut = { endUs: null, answerUs: null, state: 'open' as const };
    const long = call({ callId: 'x', from: 12 * H - 100, long: 500, changes: cut });
    expect(sidesOf(long).history.leftOut.across).toBe(1);
  });

  test('streams of no call: both ways at one time are one, an hour later another', () => {
    const loose = (from: number): HistoryRecord[] => {
      const [stream] = [...call({ callId: 'none', from })];
      const { src, dst } = stream as unknown as { src: object; dst: object };
      return [
        { ...stream!, callId: null },
        { ...stream!, callId: null, src: dst, dst: src },
      ];
    };
    const { a } = sidesOf([...loose(10 * H + 10), ...loose(11 * H)]);
    expect(a.samples).toHaveLength(2);
    expect(a.samples[0]).toMatchObject({ signalled: false, lost: { part: 0, whole: 2000 } });
  });
});

describe('what limits it', () => {
  const H = HOUR_S;

  test('times of which nothing was told, whether the probe stood or was not there', () => {
    const { history } = sidesOf([
      start(9 * H),
      ...statuses(9 * H, 11 * H),
      start(11.5 * H),
      ...statuses(11.5 * H + 10, 13 * H),
    ]);
    const gaps = history.a.gaps.map(({ fromTime, toTime }) => [fromTime, toTime]);
    expect(gaps).toEqual([['2026-11-20T11:00:00.000000Z', '2026-11-20T11:30:00.000000Z']]);
    expect(history.a.coveredMs).toBe(1.5 * 3_600_000);
    expect(history.b.coveredMs).toBe(59 * 60_000);
    const { notes } = compareSets(sidesOf([]).a, sidesOf([]).b, { history });
    expect(notes.join('\n')).toMatch(
      /A: the history has nothing of 30 min 0 s \(25 %\).*: 2026-11-20 11:00:00 to 2026-11-20 11:30:00/,
    );
    expect(notes.join('\n')).toMatch(/B is known for 59 min 0 s.*; --hours 0\.9 compares alike/);
  });

  test('a recording is known from its first call to its last', () => {
    const { history } = sidesOf([
      start(0),
      status(23 * H, { recording: true }),
      ...call({ callId: 'x', from: 10 * H }),
      ...call({ callId: 'y', from: 14 * H + 40 }),
    ]);
    expect([history.a.gaps, history.b.gaps]).toEqual([[], []]);
  });

  const untrusted = {
    trust: { verdict: 'untrusted' as const, reasons: [{ code: 'capture_drops', text: 'packets dropped' }] },
  };
  const calls = (from: number, to: number): HistoryRecord[] => {
    const found: HistoryRecord[] = [];
    for (let at = from; at < to; at += 60) found.push(...call({ callId: `call-${at}`, from: at, lost: 40 }));
    return found;
  };

  test('a few minutes without trust: their calls are left out and counted', () => {
    const { a, b, history } = sidesOf([
      ...statuses(10 * H, 13 * H, {}),
      ...statuses(13 * H, 13 * H + 10, untrusted),
      ...statuses(13 * H + 20, 15 * H),
      ...calls(10 * H, 14 * H),
    ]);
    expect(history.b.untrustedCalls).toBe(6);
    expect(history.a.untrustedCalls).toBe(0);
    expect(b.samples).toHaveLength(119 - 6);
    expect([a.facts.trust.verdict, b.facts.trust.verdict]).toEqual(['trusted', 'degraded']);
  });

  test('more of them: the side is untrusted, and what would be said of its media is in doubt', () => {
    const { a, b, history } = sidesOf([
      ...statuses(10 * H, 13 * H),
      ...statuses(13 * H, 14 * H, untrusted),
      ...[...call({ callId: 'x', from: 11 * H })],
      ...Array.from({ length: 60 }, (_, n) => [...call({ callId: `a${n}`, from: 10 * H + 60 * n })]).flat(),
      ...calls(12 * H + 60, 14 * H),
    ]);
    expect(b.facts.trust).toEqual({
      verdict: 'untrusted',
      reasons: [{ code: 'capture_drops', text: 'packets dropped' }],
    });
    const { changes, notes } = compareSets(a, b, { history });
    expect(changes.find(({ measure }) => measure === 'lost')).toMatchObject({ verdict: 'doubted' });
    expect(notes.join('\n')).toMatch(/B: \d+ calls left out that ran while the capture was untrusted/);
  });
});

test('whatever a line holds, nothing breaks', () => {
  const odd = fc.oneof(fc.jsonValue(), fc.constant('2026-11-20T11:00:00.000000Z'));
  const types = fc.constantFrom('start', 'status', 'stream', 'call', 'finding', 'capture', 'else');
  const keys = ['callId', 'startTime', 'endTime', 'time', 'trust', 'setup', 'signalling', 'src', 'uptimeMs'];
  const record = fc
    .tuple(types, fc.dictionary(fc.constantFrom(...keys, 'severity', 'code', 'quality', 'expected'), odd))
    .map(([type, rest]) => ({ ...rest, type }));
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (records) => {
      const { a, b, history } = sidesOf(records);
      expect(compareSets(a, b, { history, by: 'device' }).kind).toBe('sets');
    }),
    { numRuns: 200 },
  );
});
