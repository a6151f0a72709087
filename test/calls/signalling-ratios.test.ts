import { describe, expect, test } from 'vitest';
import { CallLoad } from '../../src/calls/call-load.ts';
import { SignallingRatios } from '../../src/calls/signalling-ratios.ts';
import type { Share, SignallingRecord } from '../../src/records/signalling-record.ts';
import type { CallRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';
import { call, START_US, signalling } from '../report/records.ts';

/** What a capture amounts to. */
function measured(scenario: Scenario): SignallingRecord {
  return replayed(buildScenario(scenario).pcap).signalling;
}

function silent(spec: CallSpec): CallSpec {
  return { callerToCallee: null, calleeToCaller: null, ...spec };
}

const fraction = ({ numerator, denominator }: Share): string => `${numerator}/${denominator}`;

function fractions({ ratios }: SignallingRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(ratios).map(([name, share]) => [name, fraction(share)]));
}

/** A record of a call that failed. */
function failed(finalCode: number | null, rang = false): CallRecord {
  return call({
    state: 'failed',
    finalCode,
    answerUs: null,
    setup: {
      postDialDelayMs: rang ? 400 : null,
      answerDelayMs: null,
      mediaDelayMs: { callerToCallee: null, calleeToCaller: null },
    },
    signalling: signalling({
      sessionDisconnectDelayMs: null,
      sessionRequestDelayMs: rang ? 400 : 900,
      ringMs: null,
    }),
    findings: [],
  });
}

function resultOf(records: readonly CallRecord[]): SignallingRecord {
  const ratios = new SignallingRatios();
  for (const record of records) ratios.add(record);
  return ratios.result(new CallLoad(), 0);
}

describe('ratios (RFC 6076 4.6 to 4.9, E.425), counted by hand', () => {
  test('one of each outcome', () => {
    const canceled = (rang: boolean): CallRecord => ({ ...failed(487, rang), state: 'canceled' });
    const open = call({
      state: 'open',
      endUs: null,
      signalling: signalling({ sessionDisconnectDelayMs: null }),
    });
    const died = call({ signalling: signalling({ sessionDisconnectDelayMs: null }) });
    const records = [
      call(),
      call(),
      died,
      open,
      failed(486, true),
      failed(480),
      failed(600),
      failed(603),
      failed(404),
      failed(302),
      failed(408, true),
      failed(408),
      failed(500),
      failed(503),
      failed(504),
      failed(null),
      canceled(true),
      canceled(false),
    ];
    const result = resultOf(records);
    expect(fractions(result)).toEqual({
      // 18 attempts; 4 answered (one of them goes on); 1 redirected; 486, 480, 600, 603 are the user's.
      ser: '4/17',
      seer: '8/17',
      // 408 twice, 500, 503, 504 and the one without any answer.
      isa: '6/18',
      // Two sessions ended as they should; one is not over.
      scr: '2/17',
      ira: '0/0',
      asr: '4/18',
      // Those of SEER, 408 and CANCEL while it rang.
      ner: '10/17',
      abr: '4/18',
    });
    expect(result.ratios.ira.ratio).toBeNull();
    expect(result.ratios.asr.ratio).toBeCloseTo(4 / 18, 12);
    expect(result).toMatchObject({ attempts: 18, answered: 4, unresolved: 0 });
    expect(result.finalCodes).toEqual({
      '200': 4,
      '302': 1,
      '404': 1,
      '408': 2,
      '480': 1,
      '486': 1,
      '487': 2,
      '500': 1,
      '503': 1,
      '504': 1,
      '600': 1,
      '603': 1,
    });
  });

  test('what is still undecided is in no ratio', () => {
    const ringing = { ...failed(null, true), state: 'ringing' as const };
    const open = { ...failed(null), state: 'open' as const };
    const result = resultOf([call(), ringing, open]);
    expect(result).toMatchObject({ attempts: 1, answered: 1, unresolved: 2 });
    expect(fractions(result)).toMatchObject({ ser: '1/1', asr: '1/1', scr: '1/1' });
  });

  test('calls of scans are counted, and in nothing else', () => {
    const scan = call({ ...failed(404), signalling: signalling({ ofScan: true, retransmissions: 3 }) });
    const result = resultOf([call(), scan, scan]);
    expect(result).toEqual({ ...resultOf([call()]), ofScans: 2 });
  });

  test('a call whose INVITE was not seen is no attempt', () => {
    const result = resultOf([call({ signalling: signalling({ tries: 0 }) })]);
    expect(result.attempts).toBe(0);
    for (const share of Object.values(result.ratios))
      expect(share).toEqual({ numerator: 0, denominator: 0, ratio: null });
    expect(result.delays.sdd.count).toBe(1);
  });

  test('each try is a bid, a challenge is none', () => {
    const tries = signalling({ tries: 4, refusals: [407, 422, 503] });
    expect(fraction(resultOf([call({ signalling: tries })]).ratios.abr)).toBe('1/3');
  });

  test('delays: success and failure apart, taken back before ringing in neither', () => {
    const taken = { ...failed(487), state: 'canceled' as const };
    const { delays, sessions } = resultOf([call(), failed(503), failed(486, true), taken]);
    expect(delays.srdSuccess).toMatchObject({ count: 2, p50Ms: 400, maxMs: 812 });
    expect(delays.srdFailure).toMatchObject({ count: 1, p50Ms: 900 });
    // 812 ms and 400 ms to ringing; 20 s to the 503, as the record says.
    expect(delays.pdd).toMatchObject({ count: 3, p50Ms: 812, maxMs: 20_000 });
    expect(delays.ringing).toMatchObject({ count: 1, p50Ms: 3308 });
    expect(delays.sdd).toMatchObject({ count: 1, p50Ms: 15 });
    expect(sessions.completed).toMatchObject({ count: 1, meanMs: 15_880 });
  });

  test('an attempt that is sent elsewhere is no failed request', () => {
    const { delays } = resultOf([failed(302), failed(503), failed(404)]);
    expect(delays.srdFailure).toMatchObject({ count: 2 });
  });

  test('codes beyond the 64th are folded', () => {
    const records = Array.from({ length: 200 }, (_, i) => failed(400 + i));
    const { finalCodes } = resultOf(records);
    expect(Object.keys(finalCodes)).toHaveLength(65);
    expect(finalCodes.other).toBe(200 - 64);
  });

  test('short, dropped, looping and emergency calls, Q.850 causes', () => {
    const release = { method: 'BYE' as const, reasons: [], q850Cause: 16 };
    const emergency = { service: '112', location: false };
    const result = resultOf([
      call({ findings: ['short_call'] }),
      call({ findings: ['call_dropped'], signalling: signalling({ loops: 2, emergency, release }) }),
      call({ findings: [], signalling: signalling({ release, retryOf: 'x', retransmissions: 4 }) }),
    ]);
    expect(result).toMatchObject({
      shortCalls: 1,
      droppedCalls: 1,
      loops: 1,
      emergencyCalls: 1,
      retries: 1,
      q850Causes: { '16': 2 },
      retransmissions: { requests: 9, retransmissions: 4 },
    });
  });
});

describe('ratios of whole captures', () => {
  const calls: CallSpec[] = [
    silent({ durationMs: 4000 }),
    silent({ durationMs: 6000, startMs: 100 }),
    silent({ outcome: 'busy' }),
    silent({ outcome: 'canceled' }),
    silent({ outcome: 'not_found', finalCode: 503 }),
  ];
  const expected = {
    ser: '2/5',
    seer: '3/5',
    isa: '1/5',
    scr: '2/5',
    asr: '2/5',
    ner: '4/5',
    abr: '2/5',
  };

  test('plain', () => {
    const result = measured({ calls });
    expect(fractions(result)).toMatchObject(expected);
    expect(result.sessions.completed).toMatchObject({ count: 2, meanMs: 5000 });
    expect(result.delays.sdd).toMatchObject({ count: 2, p50Ms: 12, p95Ms: 12 });
    expect(result.peakCalls).toEqual({ calls: 2, timeUs: expect.any(Number) });
    expect(result.peakAttempts.attempts).toBe(2);
  });

  test.each([
    ['challenged', { refusals: [407] }],
    ['mirrored', { mirrored: true }],
    ['through a proxy seen on both sides', { proxy: '198.51.100.99' }],
    [
      'repeated INVITEs and BYEs',
      {
        resend: [
          { message: 'INVITE' as const, copies: 2 },
          { message: 'BYE' as const, copies: 2 },
        ],
      },
    ],
    ['re-INVITEs', { requests: [{ atMs: 500, method: 'INVITE', answer: 200 }] }],
    ['forked', { forks: 2 }],
  ])('%s: the same', (_name, spec) => {
    const long = calls.map((each): CallSpec => ({ ...each, ringMs: [5000, 1500], signalling: spec }));
    const result = measured({ calls: long });
    expect(fractions(result)).toMatchObject(expected);
    expect(result.attempts).toBe(5);
  });
});

describe('the load', () => {
  test('the most calls at once, and the most attempts of one second', () => {
    const load = new CallLoad();
    for (const second of [10, 10.2, 10.9, 11.1]) load.attempt(second * 1e6);
    expect(load).toMatchObject({ peakAttempts: 3, peakAttemptsUs: 10e6 });
    expect(START_US).toBeGreaterThan(0);
  });
});
