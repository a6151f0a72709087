import { describe, expect, it } from 'vitest';
import { type CallViewOptions, renderCall } from '../../src/report/call-view.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { sparkline } from '../../src/report/sparkline.ts';
import { displayWidth } from '../../src/report/terminal-text.ts';
import { call, capture, finding, intervals, quality, START_US, stream } from './records.ts';

function view(records: RecordStore, options: CallViewOptions = {}): string {
  return [
    ...renderCall({ tool: { name: 'earshot', version: '1' }, capture: capture(), records }, 0, options),
  ].join('');
}

const EVENTS = [
  { digit: '1', startUs: START_US + 9e6, durationMs: 100 },
  { digit: '#', startUs: START_US + 9.5e6, durationMs: 100 },
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
    expect(view(oneCall())).toBe(EXPECTED);
  });

  it('hides keyed digits unless asked', () => {
    expect(view(oneCall())).toContain('2 events: ••, first at +9.000 s');
    expect(view(oneCall(), { unicode: false })).toContain('2 events: xx');
    expect(view(oneCall(), { digits: true })).toContain('2 events: 1 #');
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
    expect(shown).toContain('No RTP stream of this call was seen.');
    expect(shown).toContain('FINDINGS: none');
    expect(shown).not.toMatch(/null|NaN|undefined/);
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

const EXPECTED = `CALL c1  verdict media
  Call-ID     abc@pbx
  from        alice
  to          bob
  start       2026-01-02 03:04:05.123 UTC
  state       answered (200), 20.0 s, released by the caller
  round trip  61.2 ms, both sides together
  devices     Phone/1 calls PBX/2
  attempt     rang for 3.3 s

TIMELINE
        +0.000 s  INVITE
        +0.812 s  ringing (post-dial delay)
        +4.000 s  first media callee to caller, before or with the answer
        +4.120 s  answered
        +4.200 s  first media caller to callee, 80 ms after the answer
       +20.000 s  end, released by the caller

CALLER TO CALLEE  s1  R 78.8, MOS 3.97
  path        10.0.0.1:4000 > 192.0.2.7:5002, SSRC 0x1a2b3c4d
  media       PCMU (payload type 0), 20 ms packets, clock 8000 Hz (sdp)
  packets     700 of 750 in 15.0 s, 112,000 octets; 50 lost (6.7 %; RFC 3550 50)
  irregular   3 duplicates
  loss        longest run 7; 1 burst of 2000 ms, 50.0 % lost in them; gaps of 6490 ms, 0.0 % lost; burst ratio 1.80 (Gmin 16)
  jitter      mean 1.50, p50 1.25, p95 3.12, p99 4.00, max 5.50 ms; RFC 3550: last 1.10, mean 1.60, max 6.00 ms; longest gap 120.5 ms
  delay var.  p50 1.00, p95 4.00, p99 6.00, max 9.50 ms
  playout     fixed50 discards 0.0 % (late 0.0, early 0.0) at 50 ms
  network     DSCP 46; TTL 64; clock skew -12.3 ppm
  RTCP        3 SR, 2 RR, 0 XR; loss at the receiver 7.0 %, here 6.7 %; last jitter at the receiver 2.00 ms, here 1.10 ms
  DTMF        2 events: ••, first at +9.000 s
  score       R 93.2 - codec 0.0 - loss 12.3 - discard 0.0 - delay 2.1 = 78.8
              MOS-LQ 4.05 (R 80.9), MOS-CQ 3.97; codec row G.711; burst ratio fed 1.20
              scores assume: model G.107 (NB); concealment (PLC) on; delay 100 ms assumed; playout fixed50
  over time   █▄█
              R: ▁ 0, █ 100; 5.0 s each
  worst       03:04:10.123 UTC: R 41.2, MOS 2.10, 50 of 250 lost in 5.0 s, jitter 1.2 ms

CALLEE TO CALLER  s2  not scored
  path        10.0.0.1:4000 > 192.0.2.7:5002, SSRC 0x1a2b3c4d
  media       PCMU (payload type 0), 20 ms packets, clock 8000 Hz (sdp)
  packets     700 of 750 in 15.0 s, 112,000 octets; 50 lost (6.7 %; RFC 3550 50)
  loss        longest run 7; 1 burst of 2000 ms, 50.0 % lost in them; gaps of 6490 ms, 0.0 % lost; burst ratio 1.80 (Gmin 16)
  jitter      mean 1.50, p50 1.25, p95 3.12, p99 4.00, max 5.50 ms; RFC 3550: last 1.10, mean 1.60, max 6.00 ms; longest gap 120.5 ms
  delay var.  p50 1.00, p95 4.00, p99 6.00, max 9.50 ms
  playout     fixed50 discards 0.0 % (late 0.0, early 0.0) at 50 ms
  network     DSCP 46; TTL 64; clock skew -12.3 ppm
  RTCP        3 SR, 2 RR, 0 XR; loss at the receiver 7.0 %, here 6.7 %; last jitter at the receiver 2.00 ms, here 1.10 ms
  score       none: the codec is not known or has no published factors

FINDINGS
  critical: caller to callee (s1): 6.7 % of packets lost in bursts: up to 7 in a row [burst_loss]
      03:04:09.323 to 03:04:24.303, lostRatio 0.066667, lost 50, jitterP95Ms 3.123, known true, note unknown
      usually: Queues that overflow under bursts, Wi-Fi roaming, a route change, or a policer.
      check first: Queue drops and QoS marking on the narrowest link; what else started when the bursts did.
      usually owned by: network, provider
`;
