import { describe, expect, test } from 'vitest';
import type { StreamRecord } from '../../src/records/types.ts';
import { reportedStream } from '../../src/report/reported.ts';
import { handovers } from '../../src/report/stream-handovers.ts';
import { START_US, stream } from './records.ts';

/** From which to which stream, when (s after the first packet of all), and the ms between them. */
function told(streams: readonly StreamRecord[]): [string, string, number, number][] {
  return handovers(streams.map((each) => reportedStream(each))).map(({ before, after, atUs, betweenMs }) => [
    before.id,
    after.id,
    (atUs - START_US) / 1e6,
    betweenMs,
  ]);
}

function flow(id: string, fromS: number, toS: number, changes: Partial<StreamRecord> = {}): StreamRecord {
  const times = { startUs: START_US + fromS * 1e6, endUs: START_US + toS * 1e6 };
  return stream({ id, ssrc: `0x0000000${id.slice(1)}`, ...times, ...changes });
}

const ELSEWHERE = { src: { ip: '198.51.100.9', port: 6000 } };
const KEYS = { media: { ...stream().media, eventPackets: stream().packets } };

describe('handovers from stream to stream', () => {
  test('another SSRC after the last packet of the one before, in one direction', () => {
    const back = flow('s3', 0, 20, { direction: 'calleeToCaller' });
    expect(told([flow('s1', 0, 10), flow('s2', 10.02, 20), back])).toEqual([['s1', 's2', 10.02, 20]]);
    expect(told([flow('s1', 0, 10), back])).toEqual([]);
  });

  test('one that comes from elsewhere, and comes back', () => {
    const all = [flow('s1', 0, 10), flow('s2', 12, 20, ELSEWHERE), flow('s4', 20.02, 30)];
    expect(told(all).map(([from, to]) => `${from} ${to}`)).toEqual(['s1 s2', 's2 s4']);
  });

  test('late packets overlap, two media lines run beside each other', () => {
    expect(told([flow('s1', 0, 10.1), flow('s2', 10, 20)])).toEqual([['s1', 's2', 10, -100]]);
    expect(told([flow('s1', 0, 15), flow('s2', 10, 20)])).toEqual([]);
    // A second line begins after an announcement that ended: the first one flows on.
    const beside = [flow('s1', 0, 20), flow('s2', 0, 5, ELSEWHERE), flow('s3', 10, 20)];
    expect(told(beside)).toEqual([]);
  });

  test('keys, video, and a direction that the mirror shows twice', () => {
    expect(told([flow('s1', 0, 10), flow('s2', 10.5, 10.7, KEYS)])).toEqual([]);
    expect(told([flow('s1', 0, 10, { quality: null, noScore: null }), flow('s2', 10.5, 20)])).toEqual([]);
    const relayed = [flow('s1', 0, 10), flow('s2', 10.02, 20)].flatMap((each) => [
      each,
      { ...each, ...ELSEWHERE, id: `${each.id}b`, startUs: each.startUs + 1000, endUs: each.endUs + 1000 },
    ]);
    expect(told(relayed)).toEqual([['s1', 's2', 10.02, 20]]);
  });

  test('as many streams as there may be', () => {
    const many = Array.from({ length: 30_000 }, (_, i) => flow('s1', i, i + 0.5, { id: `s${i}` }));
    expect(told(many.map((each, i) => ({ ...each, ssrc: `0x${i}` }))).length).toBe(255);
  });
});
