import { describe, expect, it } from 'vitest';
import { reportedStream } from '../../src/report/reported.ts';
import { streamBlock } from '../../src/report/stream-block.ts';
import { stream } from './records.ts';

/** The line of a stream's block about what befell its numbers. */
function irregular(changes: Parameters<typeof stream>[0]): string | undefined {
  const block = streamBlock(reportedStream(stream(changes)), null, [], {});
  return [...block].find((line) => line.includes('irregular'))?.trim();
}

describe('what befell the numbers of a stream', () => {
  it('is counted, one or many', () => {
    expect(irregular({ restarts: 1, duplicates: 1, timestampJumps: 1 })).toBe(
      'irregular   1 duplicate, 1 restart, 1 timestamp jump',
    );
    expect(irregular({ restarts: 2, reordered: 1, tooOld: 3, timestampJumps: 1200 })).toBe(
      'irregular   1 reordered, 3 too old, 2 restarts, 1,200 timestamp jumps',
    );
    expect(irregular({})).toBeUndefined();
  });

  it('has a time, where the numbers began anew', () => {
    const history = { ...stream().history, restartsMs: [1500.25, 4000] };
    const { restartTimes } = reportedStream(stream({ restarts: 2, history }));
    expect(restartTimes).toEqual(['2026-01-02T03:04:10.823706Z', '2026-01-02T03:04:13.323456Z']);
    expect(irregular({ restarts: 2, history })).toBe('irregular   2 restarts, the first at 03:04:10.823');
    expect(irregular({ restarts: 1, history: { ...history, restartsMs: [4000] } })).toBe(
      'irregular   1 restart at 03:04:13.323',
    );
  });
});
