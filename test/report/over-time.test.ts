import { describe, expect, it } from 'vitest';
import type { ReportFinding, ReportInterval, ReportStream } from '../../src/report/contract.ts';
import { isoMicros } from '../../src/report/iso-time.ts';
import { overTimeLines } from '../../src/report/over-time.ts';
import type { TextStyle } from '../../src/report/paint.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { displayWidth } from '../../src/report/terminal-text.ts';
import { finding, intervals, START_US, stream } from './records.ts';

function reported(changes: Parameters<typeof stream>[0]): ReportStream {
  const records = new RecordStore();
  records.stream(stream({ intervals: intervals(), ...changes }));
  return JSON.parse(records.streams.text(0)) as ReportStream;
}

/** Intervals of 5 s; `lost` of 250 in each. */
function lossy(losses: readonly number[]): ReportStream {
  const [first] = reported({}).intervals as [ReportInterval];
  const all = losses.map((lost, i) => ({ ...first, lost, startTime: isoMicros(START_US + i * 5e6) }));
  return { ...reported({}), intervals: all };
}

function lines(streams: ReportStream[], style: TextStyle = {}, findings: ReportFinding[] = []): string[] {
  return [...overTimeLines(streams, findings, START_US, style)];
}

describe('overTimeLines', () => {
  it('puts both directions on one axis', () => {
    const late = reported({ id: 's2', direction: 'calleeToCaller' });
    late.intervals = late.intervals.map((each, i) => ({
      ...each,
      startTime: isoMicros(START_US + (i + 3) * 5e6),
    }));
    const shown = lines([reported({}), late], { unicode: false, columns: 40 });
    expect(shown[0]).toBe('              a mark is 5.0 s, the worst in it');
    expect(shown[1]).toBe('              +0.0 s to +30.0 s');
    expect(shown.slice(2)).toEqual([
      '  caller to callee (s1)',
      '    loss %    _#_     highest 20.0 at +5.0 s',
      '    discard % ___     -',
      '    jitter ms  ..     highest 1.2 at +5.0 s',
      '    MOS-LQ    #-#     lowest 2.10 at +5.0 s',
      '  callee to caller (s2)',
      '    loss %       _#_  highest 20.0 at +20.0 s',
      '    discard %    ___  -',
      '    jitter ms     ..  highest 1.2 at +20.0 s',
      '    MOS-LQ       #-#  lowest 2.10 at +20.0 s',
    ]);
  });

  it('keeps the worst where several intervals fall into one mark', () => {
    const losses = Array.from({ length: 1000 }, (_, i) => (i === 777 ? 125 : 0));
    const shown = lines([lossy(losses)], { columns: 80 });
    const loss = shown.find((line) => line.includes('loss %'))!;
    expect(loss.match(/█/g)).toHaveLength(1);
    expect(loss).toContain('highest 50.0 at +3885.0 s');
    expect(shown[0]).toContain('a mark is 2 min 30 s');
  });

  it('marks where findings are, and says what was not seen', () => {
    const streams = [reported({})];
    const records = new RecordStore();
    const [startUs, endUs] = [START_US + 5e6, START_US + 10e6];
    records.finding(finding({ streamId: 's1', severity: 'critical', startUs, endUs }));
    records.finding(finding({ streamId: 's1', severity: 'warning', startUs: START_US, endUs: null }));
    const found = [0, 1].map((i) => JSON.parse(records.findings.text(i)) as ReportFinding);
    const shown = lines(streams, { columns: 48 }, found);
    expect(shown.find((line) => line.includes('findings'))).toBe('    findings  ~~!!');
    expect(shown.at(-1)).toBe('  callee to caller: no stream was seen');
  });

  it('is nothing without intervals, and of another width for every terminal', () => {
    expect(lines([{ ...reported({}), intervals: [] }])).toEqual([]);
    for (const columns of [60, 80, 120, 200])
      for (const line of lines([lossy(new Array(300).fill(3) as number[])], { columns }))
        expect(displayWidth(line)).toBeLessThanOrEqual(columns);
  });
});
