import { describe, expect, test } from 'vitest';
import { Thinning } from '../../src/across/thinning.ts';
import { trustOf } from '../../src/engine/trust.ts';
import type { StreamRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, CaptureSpec, StreamSpec } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';
import { START_US, stream } from '../report/records.ts';

/** Calls of 30 s between hosts of their own, without reports of receivers unless they say otherwise. */
function found(calls: readonly Partial<CallSpec>[], sample: NonNullable<CaptureSpec['sample']> | null) {
  const specs = calls.map(
    (call, i): CallSpec => ({
      startMs: 1003.7 * i,
      durationMs: 30_000,
      caller: { ip: `198.51.100.${10 + i}` },
      callee: { ip: `203.0.113.${20 + i}` },
      rtcp: false,
      ...call,
    }),
  );
  const scenario = sample === null ? { calls: specs } : { calls: specs, capture: { sample } };
  const replay = replayed(buildScenario(scenario).pcap);
  const lossy = replay.findings.filter(({ code }) => code.endsWith('_loss'));
  const heldBack = replay.calls.flatMap((each) =>
    each.heldBack.map(({ code, reason }) => `${code} ${reason}`),
  );
  const { reasons, verdict } = trustOf(replay.account, { dropped: null, problems: [] });
  return { lossy, heldBack, verdict, thinned: reasons.find(({ code }) => code === 'capture_thinned') };
}

const quarter: CaptureSpec['sample'] & object = { ratio: 0.25, of: 'media' };
const evenly = (ratio: number): Partial<CallSpec> => {
  const way: StreamSpec = { loss: { kind: 'random', ratio } };
  return { callerToCallee: way, calleeToCaller: way };
};

describe('a capture that holds a quarter of the packets', () => {
  test('without reports may be the capture or the network, and is told as that', () => {
    const { lossy, heldBack, verdict, thinned } = found([{}, {}, {}], quarter);
    expect(lossy).toEqual([]);
    expect(heldBack).toEqual(Array.from({ length: 6 }, () => 'random_loss capture_thinned'));
    expect(verdict).toBe('degraded');
    expect(thinned).toMatchObject({ streams: 6, senders: 6, received: 0 });
    expect(thinned!.lostRatio).toBeCloseTo(0.75, 1);
    expect(thinned!.text).toMatch(
      /^6 streams of 6 senders, both ways, lack the same share of packets \(7[456] %\), spread evenly .* which of these cannot be told from here; that loss is not judged, and scores are doubtful$/,
    );
  });

  test('is one where a receiver had what is missing', () => {
    const { lossy, thinned } = found([{ rtcp: { intervalMs: 3000 } }, {}, {}], quarter);
    expect(lossy).toEqual([]);
    expect(thinned!.text).toContain('and receivers of 2 report to have had them: the capture holds a sample');
  });

  test('is one where messages of SIP are missing that were not sent again', () => {
    const calls = Array.from({ length: 14 }, () => ({ durationMs: 12_000 }));
    const { thinned } = found(calls, { ratio: 0.6 });
    expect(thinned!.sipMissing).toBeGreaterThan(3);
    expect(thinned!.text).toMatch(
      /and \d+ messages of SIP are missing that were not sent again: the capture/,
    );
  });
});

describe('a network that loses evenly', () => {
  test.each<[string, Partial<CallSpec>[]]>([
    ['in two streams alone', [evenly(0.4)]],
    ['in two calls of three', [evenly(0.4), evenly(0.4), {}]],
    ['by different amounts', [evenly(0.2), evenly(0.26), evenly(0.32), evenly(0.38)]],
    ['less than samplers do', [evenly(0.07), evenly(0.07), evenly(0.07)]],
    ['one way', [1, 2, 3, 4].map((): Partial<CallSpec> => ({ callerToCallee: evenly(0.3).callerToCallee! }))],
  ])('%s', (_, calls) => {
    const { lossy, heldBack, thinned } = found(calls, null);
    expect(lossy.length).toBeGreaterThan(1);
    expect(heldBack).toEqual([]);
    expect(thinned).toBeUndefined();
  });

  test('as one receiver says', () => {
    const calls = [{ ...evenly(0.4), rtcp: { intervalMs: 3000 } }, evenly(0.4), evenly(0.4)];
    const { lossy, thinned } = found(calls, null);
    expect(lossy).toHaveLength(6);
    expect(thinned).toBeUndefined();
  });
});

describe('what is remembered', () => {
  const HOUR_US = 3_600_000_000;
  /** Every second packet is missing, give or take some by number. */
  const halved = (number: number, endUs: number, changes: Partial<StreamRecord> = {}): StreamRecord => {
    const [own, other] = [`192.0.2.${number & ~1}`, `192.0.2.${number | 1}`];
    const ends = number % 2 === 0 ? [own, other] : [other, own];
    const base = stream({
      id: `s${number}`,
      startUs: endUs - 30e6,
      endUs,
      expected: 1500,
      lost: 750 + (number % 9),
    });
    return {
      ...base,
      src: { ip: ends[0]!, port: 4000 },
      dst: { ip: ends[1]!, port: 4000 },
      burst: { ...base.burst, lossRuns: 375, longestLossRun: 9 },
      ...changes,
    };
  };
  const noted = (...streams: readonly StreamRecord[]): Thinning => {
    const thinning = new Thinning();
    for (const each of streams) thinning.note(each);
    return thinning;
  };
  const many = (count: number): StreamRecord[] =>
    Array.from({ length: count }, (_, i) => halved(i + 2, START_US));

  test('the newest 64 streams', () => {
    const clean = halved(1, START_US, { lost: 0 });
    const thinning = noted(clean, ...many(63));
    expect(thinning.verdict()).toBeNull();
    thinning.note(halved(66, START_US));
    expect(thinning.verdict()).toMatchObject({ streams: 64 });
  });

  test('what findings were held back for, for an hour or two', () => {
    const thinning = noted(...many(6));
    expect(thinning.explains(halved(3, START_US))).toBe(true);
    expect(thinning.explains(halved(3, START_US, { lost: 1000 }))).toBe(false);
    thinning.note(halved(9, START_US, { lost: 0 }));
    expect(thinning.explains(halved(3, START_US))).toBe(false);
    expect(thinning.verdict()).toMatchObject({ streams: 6 });
    thinning.forget(START_US - HOUR_US);
    expect(thinning.verdict()).not.toBeNull();
    thinning.forget(START_US + HOUR_US);
    expect(thinning.verdict()).toBeNull();
  });

  test('nothing, once a receiver says that it lacks as much', () => {
    const thinning = noted(...many(6));
    expect(thinning.explains(halved(3, START_US))).toBe(true);
    const { rtcp } = halved(8, START_US);
    const reported = { ...rtcp, lossCompared: 1500, lossBeforeProbe: 750, lossOnlyAtProbe: 0 };
    thinning.note(halved(8, START_US, { rtcp: reported }));
    expect(thinning.verdict()).toBeNull();
  });

  test('legs of a relay that lack the same packets, as one', () => {
    const same = { lost: 750 };
    expect(noted(...many(4).map((each) => ({ ...each, ...same }))).verdict()).toBeNull();
  });
});
