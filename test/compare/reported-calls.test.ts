import '../property-seed.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callNamed } from '../../src/compare/find-call.ts';
import { callsOfReport, callsOfStore, sideOf } from '../../src/compare/reported-calls.ts';
import { jsonChunks } from '../../src/report/json.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { reportedCapture } from '../../src/report/reported.ts';
import { call, capture, finding, quality, stream } from '../report/records.ts';

/** A call with two directions and a finding, two legs of a conversation, and a stream of no call. */
function stored(): RecordStore {
  const store = new RecordStore();
  store.call(
    call({ id: 'c1', callId: 'one', streams: ['s1', 's2'], findings: ['random_loss', 'dscp_changed'] }),
  );
  store.stream(stream({ id: 's1', callId: 'one', expected: 1000, lost: 50 }));
  const back = { direction: 'calleeToCaller' as const, quality: quality({ mosLq: 3.2 }) };
  store.stream(stream({ id: 's2', callId: 'one', expected: 1000, lost: 0, ...back }));
  store.finding(finding({ code: 'random_loss', callId: 'one', streamId: 's1', severity: 'warning' }));
  store.finding(finding({ code: 'dscp_changed', callId: 'one', streamId: 's1', severity: 'info' }));
  store.call(call({ id: 'c2', callId: 'two', conversationId: 'c2', streams: [], findings: [] }));
  store.call(call({ id: 'c3', callId: 'three', conversationId: 'c2', streams: [], findings: [] }));
  store.stream(stream({ id: 's3', callId: null, direction: null, expected: 400, lost: 4 }));
  return store;
}

function text(store: RecordStore): string {
  return [
    ...jsonChunks({ tool: { name: 'earshot', version: '1' }, capture: capture(), records: store }),
  ].join('');
}

describe('the calls of a side', () => {
  test('what is known of a call: of two directions the worse one', () => {
    const { samples } = sideOf([callsOfStore(stored(), {})]);
    const [first] = samples;
    expect(samples).toHaveLength(4);
    expect(first).toMatchObject({
      unit: '0 call c1',
      signalled: true,
      mos: { NB: 3.2 },
      lost: { part: 50, whole: 2000 },
      findings: ['random_loss'],
    });
    expect(samples.map(({ unit }) => unit).slice(1, 3)).toEqual(['0 call c2', '0 call c2']);
    expect(samples[3]).toMatchObject({ signalled: false, lost: { part: 4, whole: 400 } });
  });

  test('streams too short to judge say nothing', () => {
    const store = new RecordStore();
    store.call(call({ id: 'c1', callId: 'one', streams: ['s1'] }));
    store.stream(stream({ id: 's1', callId: 'one', expected: 249, lost: 100 }));
    const [short] = sideOf([callsOfStore(store, {})]).samples;
    expect(short).toMatchObject({ mos: {}, jitterP95Ms: null, lost: { part: 0, whole: 0 } });
  });

  test('a printed report says the same as the replay did', () => {
    const store = stored();
    const parsed = callsOfReport(text(store));
    expect(parsed.ok).toBe(true);
    if (!parsed.ok) return;
    expect(sideOf([parsed.calls])).toEqual(sideOf([callsOfStore(store, reportedCapture(capture()))]));
  });

  test('several sources: their units are kept apart, the least trusted of them counts', () => {
    const [good, bad] = [
      callsOfStore(stored(), { startTime: '2026-01-02T00:00:00.000000Z' }),
      callsOfStore(stored(), { trust: { verdict: 'untrusted', reasons: [{ code: 'x', text: 'drops' }] } }),
    ];
    const { facts, samples } = sideOf([good, bad]);
    expect(facts.trust).toEqual({ verdict: 'untrusted', reasons: [{ code: 'x', text: 'drops' }] });
    expect(facts.startTime).toBe('2026-01-02T00:00:00.000000Z');
    expect(samples.map(({ unit }) => unit.slice(0, 2))).toEqual([
      '0 ',
      '0 ',
      '0 ',
      '0 ',
      '1 ',
      '1 ',
      '1 ',
      '1 ',
    ]);
  });
});

const FIELDS = [
  ...['id', 'callId', 'streams', 'findings', 'setup', 'quality', 'jitterMs', 'expected', 'src', 'severity'],
  ...['intervals', 'playout', 'pdvMs', 'conversationId', 'state', 'codec', 'noScore', 'code', 'direction'],
];

describe('a report that is none', () => {
  test.each([
    ['', 'is no JSON to its end'],
    ['{"schema": "earshot.rep', 'is no JSON to its end'],
    ['{}', 'is no report'],
    ['{"schema":"earshot.comparison/1"}', 'is no report'],
    ['null', 'is no report'],
    ['[]', 'is no report'],
  ])('%s', (content, reason) => {
    expect(callsOfReport(content)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
  });

  test('whatever its fields are, reading them ends with calls', () => {
    const odd = fc.oneof(
      fc.constant(null),
      fc.nat(5000),
      fc.string(),
      fc.constant([null, 7]),
      fc.constant({}),
    );
    const record = fc.dictionary(fc.constantFrom(...FIELDS), odd);
    const list = fc.oneof(odd, fc.array(fc.oneof(odd, record)));
    fc.assert(
      fc.property(list, list, list, odd, (calls, streams, findings, captured) => {
        const report = { schema: 'earshot.report/1', calls, streams, findings, capture: captured };
        const parsed = callsOfReport(JSON.stringify(report));
        expect(parsed.ok).toBe(true);
        if (parsed.ok)
          expect(sideOf([parsed.calls]).samples.length).toBeGreaterThanOrEqual(parsed.calls.names.length);
      }),
    );
  });

  test('what would move a cursor is shown as text', () => {
    const report = { schema: 'earshot.report/1', calls: [{ id: 'c1', callId: 'a\u001b[31m' }] };
    const parsed = callsOfReport(JSON.stringify(report));
    expect(parsed.ok && parsed.calls.names[0]!.callId).toBe('a\\x1b[31m');
  });
});

describe('naming a call', () => {
  const names = [
    { id: 'c1', callId: 'abc@x' },
    { id: 'c2', callId: 'abd@x' },
    { id: 'c3', callId: 'c1' },
  ];
  test.each([
    ['c1', 0],
    ['abc@x', 0],
    ['abd', 1],
    ['c3', 2],
  ])('%s', (name, at) => {
    expect(callNamed(names, name, 'A')).toEqual({ ok: true, at });
  });
  test.each([
    ['ab', 'A', /means 2 calls of A: c1 \(abc@x\), c2 \(abd@x\)/],
    ['z', 'B', /B has no call "z" \(it has c1 to c3\)/],
    ['', 'A', /no call ""/],
  ])('%s names none', (name, side, message) => {
    expect(callNamed(names, name, side)).toEqual({ ok: false, message: expect.stringMatching(message) });
  });
});
