import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/config/nearest.ts';
import { parseCondition } from '../../../src/report/gate/condition.ts';
import { evaluateGate, type Outcome } from '../../../src/report/gate/evaluate.ts';
import { junitXml, outcomeLine, unjudgedXml } from '../../../src/report/gate/outcome-text.ts';
import { RecordStore } from '../../../src/report/record-store.ts';
import type { Report } from '../../../src/report/report.ts';
import { select } from '../../../src/report/selection.ts';
import { appendCut } from '../../records/append-cut.ts';
import { call, capture, finding, intervals, quality, START_US, stream } from '../records.ts';

/** Ten calls with a stream each, MOS 3.0 to 3.9; the first has no audio of one side, the last is short. */
function report(): Report {
  const records = new RecordStore();
  for (let i = 0; i < 10; i++) {
    const callId = `call${i}@pbx`;
    const verdict = i === 0 ? 'media' : 'healthy';
    records.call(call({ id: `c${i}`, callId, verdict, state: i < 8 ? 'answered' : 'failed', findings: [] }));
    records.stream(
      stream({
        ...{ id: `s${i}`, callId, expected: i === 9 ? 100 : 1000 },
        ...{ codec: i < 5 ? 'PCMU' : 'PCMA', direction: i % 2 === 0 ? 'callerToCallee' : 'calleeToCaller' },
        quality: i === 8 ? null : quality({ mosLq: 3 + i / 10 }),
        intervals: intervals(),
      }),
    );
  }
  records.finding(finding({ code: 'one_way_media', callId: 'call0@pbx', streamId: null }));
  return { tool: { name: 'earshot', version: '1' }, capture: capture(), records };
}

function judged(conditions: string[], of = report(), allowEmpty = false): Outcome[] {
  const parsed = conditions.map((text) => {
    const result = parseCondition(text, nearest);
    if (!result.ok) throw new Error(result.message);
    return result.condition;
  });
  return evaluateGate(of, parsed, allowEmpty);
}

function value(condition: string, of?: Report): number | null {
  return judged([condition], of)[0]!.value;
}

describe('evaluateGate', () => {
  it('takes percentiles, means and extremes over streams with a value and packets enough', () => {
    // 3.0 to 3.7: one has no score, one too few packets.
    expect(value('p05(mosLq)<1')).toBe(3);
    expect(value('p50(mosLq)<1')).toBe(3.3);
    expect(value('max(mosLq)<1')).toBe(3.7);
    expect(value('mean(mosLq)<1')).toBeCloseTo(3.35, 9);
    expect(judged(['p05(mosLq)<1'])[0]!.population).toBe(
      '8 streams (1 without a value, 1 with fewer than 250 packets left out)',
    );
  });

  it('leaves out intervals of a few packets, but for sums', () => {
    const log = intervals();
    const last = {
      startUs: START_US + 15e6,
      durationMs: 5000,
      packets: 2,
      expected: 3,
      lost: 1,
      lossRuns: 1,
    };
    const nothing = { discarded: 0, missedRuns: 1, jitterMs: null, leastDelayMs: null, ipdvP95Ms: null };
    appendCut(log, { ...last, ...nothing, pdvP50Ms: null, pdvP95Ms: null, pdvP99Ms: null });
    log.score(3, 20, 1.2, { codec: 0, loss: 70, discard: 0, delay: 2 });
    const records = new RecordStore();
    records.call(call());
    records.stream(stream({ quality: quality(), intervals: log }));
    const of = { ...report(), records };
    const [least, sum] = judged(['min(intervals.mosLq)<2', 'sum(intervals.lost)>50'], of);
    expect(least).toMatchObject({ value: 2.1, broken: false });
    expect(least!.population).toBe('3 intervals (1 with fewer than 50 packets left out)');
    expect(sum).toMatchObject({ value: 51, broken: true, population: '4 intervals' });
  });

  it('takes calls and intervals, and only the streams that are meant', () => {
    expect(value('max(setup.postDialDelayMs)>1')).toBe(812);
    expect(value('min(intervals.mosLq)<1')).toBe(2.1);
    expect(judged(['p50(intervals.lost)>1'])[0]!.population).toBe('30 intervals');
    expect(value('max(mosLq, codec=pcmu)<1')).toBe(3.4);
    expect(value('max(mosLq, codec=PCMU, direction=calleeToCaller)<1')).toBe(3.3);
    expect(value('sum(packets)>1')).toBe(9 * 700);
  });

  it('counts findings, severities, verdicts and states', () => {
    expect(value('count(one_way_media)>0')).toBe(1);
    expect(value('count(burst_loss)>0')).toBe(0);
    expect(value('count(critical)>0')).toBe(1);
    expect(value('count(healthy)>0')).toBe(9);
    expect(value('share(one_way_media)>0')).toBe(0.1);
    expect(value('share(failed)>0')).toBe(0.2);
    expect(value('count(streams)>0')).toBe(10);
  });

  it('compares as it is written', () => {
    const results = ['<1', '<=1', '>1', '>=1', '==1', '=1', '!=1'].map(
      (sign) => judged([`count(one_way_media)${sign}`])[0]!.broken,
    );
    expect(results).toEqual([false, true, false, true, true, true, false]);
  });

  it('goes by the records that were chosen', () => {
    const of = report();
    const selection = select(of.records, { call: 3 });
    expect(value('max(mosLq)<1', { ...of, selection })).toBe(3.3);
    expect(value('count(one_way_media)>0', { ...of, selection })).toBe(0);
  });

  it('breaks a condition without data, unless that is allowed', () => {
    const empty: Report = { ...report(), records: new RecordStore() };
    for (const condition of [
      'p05(mosLq)<1',
      'count(one_way_media)>0',
      'share(media)>1%',
      'max(calls.durationMs)<1',
    ]) {
      expect(judged([condition], empty)[0]).toMatchObject({ broken: true, empty: true, value: null });
      expect(judged([condition], empty, true)[0]).toMatchObject({ broken: false, empty: true });
    }
    expect(judged(['count(calls)<1', 'count(capture_drops)>0'], empty)).toMatchObject([
      { broken: true, empty: false, value: 0 },
      { broken: false, empty: false, value: 0 },
    ]);
  });

  it('has no data of a capture without packets, whatever is asked', () => {
    const none: Report = { ...report(), capture: capture({ packets: 0 }), records: new RecordStore() };
    for (const condition of ['untrusted', 'degraded', 'count(findings)>0', 'count(capture_drops)>0']) {
      expect(judged([condition], none)[0]).toMatchObject({ broken: true, empty: true });
      expect(judged([condition], none, true)[0]).toMatchObject({ broken: false, empty: true });
    }
    expect(judged(['untrusted'], none).map(outcomeLine)).toEqual(['untrusted: no data: 0 packets']);
  });

  it('counts no finding where there is nothing that could have it', () => {
    const only = (add: (records: RecordStore) => void): Report => {
      const records = new RecordStore();
      add(records);
      return { ...report(), records };
    };
    const loose = only((records) => records.stream(stream({ callId: null })));
    const unheard = only((records) => records.call(call({ verdict: 'healthy', streams: [] })));
    const outcome = (condition: string, of: Report): string => outcomeLine(judged([condition], of)[0]!);
    expect([
      outcome('count(one_way_media)>0', loose),
      outcome('count(setup_failed)>0', loose),
      outcome('count(burst_loss)>0', loose),
      outcome('count(burst_loss)>0', unheard),
      outcome('share(burst_loss)>0', unheard),
      outcome('count(one_way_media)>0', unheard),
      outcome('count(registration_failed)>0', unheard),
      outcome('count(registration_failed)>0', loose),
    ]).toEqual([
      'count(one_way_media)>0: no data: 0 calls, 1 streams',
      'count(setup_failed)>0: no data: 0 calls, 1 streams',
      'count(burst_loss)>0: 0 over 0 calls, 1 streams',
      'count(burst_loss)>0: no data: 1 calls, 0 streams',
      'share(burst_loss)>0: no data: 1 calls',
      'count(one_way_media)>0: 0 over 1 calls, 0 streams',
      'count(registration_failed)>0: 0 over 0 registrations, 1 calls',
      'count(registration_failed)>0: no data: 0 registrations, 0 calls',
    ]);
  });

  it('has no verdict where not one call could be judged, and says how many could not', () => {
    const records = new RecordStore();
    const of: Report = { ...report(), records };
    const asked = [
      'share(media)>5%',
      'count(both)>0',
      'count(no_media)>0',
      'count(unknown)>5',
      'count(failed)>0',
    ];
    const lines = () => judged(asked, of).map(outcomeLine);
    records.call(call({ id: 'c1', callId: '1@a', verdict: 'unknown', findings: [] }));
    expect(lines()).toEqual([
      'share(media)>5%: no data: 1 calls (1 of verdict unknown)',
      'count(both)>0: no data: 1 calls (1 of verdict unknown)',
      'count(no_media)>0: no data: 1 calls (1 of verdict unknown), 0 streams',
      'count(unknown)>5: 1 over 1 calls',
      'count(failed)>0: 0 over 1 calls',
    ]);
    records.call(call({ id: 'c2', callId: '2@a', verdict: 'media', findings: [] }));
    expect(lines().slice(0, 2)).toEqual([
      'share(media)>5%: 0.5 over 2 calls (1 of verdict unknown)',
      'count(both)>0: 0 over 2 calls (1 of verdict unknown)',
    ]);
  });

  it('asks how far the capture can be believed', () => {
    const of = (verdict: 'trusted' | 'degraded' | 'untrusted'): boolean[] => {
      const trust = { verdict, reasons: [] };
      return judged(['untrusted', 'degraded'], { ...report(), capture: capture({ trust }) }).map(
        ({ broken }) => broken,
      );
    };
    expect([of('trusted'), of('degraded'), of('untrusted')]).toEqual([
      [false, false],
      [false, true],
      [true, true],
    ]);
  });
});

describe('outcomes', () => {
  it('are a line each', () => {
    expect(judged(['p05(mosLq)<3.6', 'p05(skewPpm, codec=G729)<0', 'degraded']).map(outcomeLine)).toEqual([
      'p05(mosLq)<3.6: 3 over 8 streams (1 without a value, 1 with fewer than 250 packets left out)',
      'p05(skewPpm, codec=G729)<0: no data: 0 streams',
      'degraded: the capture is trusted',
    ]);
  });

  it('are test cases of JUnit, whatever the texts hold', () => {
    const hostile = 'p05(mosLq, codec=]]>"\'&\x1b\ufffe)<3.6';
    const text = 'cut <by> "the" snap\nlength\x00';
    const trust = { verdict: 'degraded' as const, reasons: [{ code: 'capture_truncated', text }] };
    const of = { ...report(), capture: capture({ trust }) };
    const xml = junitXml(of, judged([hostile, 'count(one_way_media)>0', 'count(burst_loss)>0'], of), []);
    expect(xml).toContain('<testsuites tests="3" failures="2" errors="0" skipped="0" time="0">');
    expect(xml).toContain('timestamp="2026-01-02T03:04:05"');
    expect(xml).toContain('codec=]]&gt;&quot;&apos;&amp;\\x1b?)&lt;3.6');
    expect(xml).toContain(
      '<failure type="broken" message="count(one_way_media)&gt;0: 1 over 10 calls, 10 streams">',
    );
    expect(xml).toContain('cut &lt;by&gt; &quot;the&quot; snap\nlength\\x00');
    expect(xml.replaceAll('\n', '')).toMatch(/^[\x20-\x7e]*$/);
    expect(xml.match(/<testcase /g)).toHaveLength(3);
    const allowed = junitXml(of, judged([hostile], of, true), []);
    expect(allowed).toContain('failures="0" errors="0" skipped="1"');
  });

  it('are errors in JUnit where an input was not read, and where nothing was judged', () => {
    const reasons = ['a&b.pcap: ends in packet 7', 'a&b.pcap: 2 more'];
    const xml = junitXml(report(), judged(['count(calls)<1']), [{ name: 'a&b.pcap', reasons }]);
    expect(xml).toContain('<testsuites tests="2" failures="0" errors="1" skipped="0" time="0">');
    expect(xml).toContain(
      '<testcase classname="earshot.capture" name="a&amp;b.pcap" time="0">' +
        '<error type="unread" message="a&amp;b.pcap: ends in packet 7">a&amp;b.pcap: ends in packet 7\na&amp;b.pcap: 2 more</error>',
    );
    const [{ condition }] = judged(['count(calls)<1']) as [Outcome];
    expect(unjudgedXml([condition], 'x.pcap: no such file')).toContain(
      '<testsuites tests="2" failures="0" errors="1" skipped="1" time="0">',
    );
  });
});
