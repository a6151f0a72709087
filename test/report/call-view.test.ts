import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderCall } from '../../src/report/call-view.ts';
import type { TextStyle } from '../../src/report/paint.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { sparkline } from '../../src/report/sparkline.ts';
import { displayWidth } from '../../src/report/terminal-text.ts';
import { call, capture, finding, intervals, quality, rtcp, START_US, stream } from './records.ts';

function view(records: RecordStore, options: TextStyle = {}): string {
  return [
    ...renderCall({ tool: { name: 'earshot', version: '1' }, capture: capture(), records }, 0, options),
  ].join('');
}

const EVENTS = [
  { digit: 'x', startUs: START_US + 9e6, durationMs: 100 },
  { digit: 'x', startUs: START_US + 9.5e6, durationMs: 100 },
];

function oneCall(): RecordStore {
  const records = new RecordStore();
  records.call(call({ streams: ['s1', 's2'], roundTripMs: 61.2 }));
  records.stream(
    stream({ id: 's2', direction: 'calleeToCaller', quality: null, startUs: START_US + 4_000_000 }),
  );
  records.stream(stream({ intervals: intervals(), events: EVENTS, duplicates: 3 }));
  records.finding(finding());
  return records;
}

describe('renderCall', () => {
  it('tells the whole call', () => {
    const shown = view(oneCall());
    if (process.env.EARSHOT_UPDATE_GOLDEN === '1') writeFileSync(golden, shown);
    expect(shown).toBe(readFileSync(golden, 'utf8'));
  });

  it('says in the timeline when a direction got another SSRC', () => {
    const records = oneCall();
    const next = { id: 's3', ssrc: '0x00000abc', startUs: START_US + 19.2e6, endUs: START_US + 20e6 };
    records.stream(stream({ ...next, src: { ip: '10.0.0.9', port: 4000 } }));
    const shown = view(records).split('\n');
    const at = shown.findIndex((line) => line.includes('SSRC caller to callee changed'));
    expect(shown[at]).toBe(
      '       +19.200 s  SSRC caller to callee changed from 0x1a2b3c4d (s1) to 0x00000abc (s3), from another address, 20 ms after the last packet of s1',
    );
    expect(shown[at + 1]).toContain('end, released by the caller');
    for (const line of view(records, { columns: 80 }).split('\n').slice(0, 20))
      expect(displayWidth(line)).toBeLessThanOrEqual(80);
  });

  it('shows keyed digits that are not masked', () => {
    expect(view(oneCall())).toContain('2 events: ••, first at +9.000 s');
    expect(view(oneCall(), { unicode: false })).toContain('2 events: xx');
    const records = new RecordStore();
    records.call(call());
    const keyed = { digit: '#', startUs: START_US + 9e6, durationMs: 100 };
    records.stream(stream({ events: [keyed, { ...keyed, digit: 'x' }] }));
    expect(view(records)).toContain('2 events: # •');
  });

  it('explains a score whose delay is unknown, and one below zero', () => {
    const records = new RecordStore();
    records.call(call());
    records.stream(
      stream({
        quality: quality({
          scale: 'WB',
          rFactor: null,
          rFactorLq: -3,
          mosCq: null,
          impairments: { codec: 13, loss: 119, discard: 0, delay: 5 },
        }),
      }),
    );
    expect(view(records)).toContain(
      'R WB 129.0 - codec 13.0 - loss 119.0 - discard 0.0 = -3.0 (delay unknown, left out)',
    );
  });

  it('says where packets were lost, and when reports are encrypted', () => {
    const records = new RecordStore();
    records.call(call());
    const reported = { receiverReports: 3, lossCompared: 1000, lossBeforeProbe: 4, lossAfterProbe: 30 };
    records.stream(stream({ rtcp: rtcp({ ...reported, lossOnlyAtProbe: 0 }) }));
    records.stream(stream({ id: 's2', rtcp: rtcp({ ...reported, lossOnlyAtProbe: 7 }) }));
    records.stream(stream({ id: 's3', rtcp: rtcp({ srtcp: 5 }) }));
    const text = view(records).replace(/\n\s+/g, ' ');
    expect(text).toContain('of 1000 packets 4 lost before the probe, 30 after it');
    expect(text).toContain('30 after it, 7 by the capture alone');
    expect(text).toContain('5 reports, encrypted');
  });

  it('works for a call of which next to nothing is known', () => {
    const records = new RecordStore();
    const setup = {
      postDialDelayMs: null,
      answerDelayMs: null,
      mediaDelayMs: { callerToCallee: null, calleeToCaller: null },
    };
    records.call(
      call({
        from: null,
        to: null,
        answerUs: null,
        endUs: null,
        durationMs: null,
        state: 'open',
        finalCode: null,
        releasedBy: null,
        setup,
        verdict: 'unknown',
        streams: [],
        findings: [],
      }),
    );
    const shown = view(records);
    expect(shown).toContain('No RTP stream of this call was seen.\n');
    expect(shown).toContain('FINDINGS: none');
    expect(shown).not.toMatch(/null|NaN|undefined/);
  });

  it('points to the other legs where a call has no streams', () => {
    const records = new RecordStore();
    records.call(call({ streams: [], legs: ['other'] }));
    expect(view(records)).toContain(
      'No RTP stream of this call was seen. Its media may be in the other legs.',
    );
  });

  it('wraps to the terminal and neutralises the wire', () => {
    const hostile = 'x\x1b[2J\u202e';
    const records = new RecordStore();
    records.call(call({ callId: hostile, from: hostile }));
    records.stream(stream({ callId: hostile, intervals: intervals(), codec: hostile }));
    records.finding(finding({ callId: hostile, evidence: { note: hostile } }));
    const shown = view(records, { columns: 80 });
    for (const line of shown.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80);
    expect(shown).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });
});

describe('sparkline', () => {
  const interval = (lost: number, rFactor: number | null, expected = 250) => ({
    startTime: null,
    durationMs: 5000,
    packets: expected - lost,
    expected,
    lost,
    discarded: 0,
    jitterMs: null,
    pdvP95Ms: null,
    pdvP50Ms: null,
    pdvP99Ms: null,
    ipdvP95Ms: null,
    impairments: null,
    rFactor,
    mosLq: null,
  });

  it('keeps the worst of a group, not its mean', () => {
    const many = Array.from({ length: 100 }, (_, i) => interval(0, i === 42 ? 5 : 93));
    const spark = sparkline(many, 'NB', 10, true)!;
    expect(spark).toMatchObject({ line: '████▁█████', intervalsEach: 10 });
  });

  it('shows loss where there is no score, and silence as a space', () => {
    const shown = [interval(0, null), interval(1, null), interval(0, null, 0), interval(200, null)];
    expect(sparkline(shown, null, 64, true)?.line).toBe('▁▂ █');
    expect(sparkline(shown, 'NB', 64, false)?.line).toBe('_. #');
  });

  it('is nothing without intervals', () => {
    expect(sparkline([], 'NB', 64, true)).toBeNull();
  });
});

/** The view of one call, to the letter. */
const golden = join(import.meta.dirname, 'call-view.golden.txt');
