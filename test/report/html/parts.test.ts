import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { barPath, niceTop, type Point, pointsOf, stepPath } from '../../../src/report/html/chart-lines.ts';
import { nearestRank } from '../../../src/report/html/distributions.ts';
import { dscpText } from '../../../src/report/html/event-lanes.ts';
import { lossPicture } from '../../../src/report/html/loss-picture.ts';
import { embeddedJson, packedBlocks } from '../../../src/report/html/packed-parts.ts';
import { scoreView } from '../../../src/report/html/score-view.ts';
import { escaped, Html, html } from '../../../src/report/html/template.ts';
import { afterText, marksOf, percentAt } from '../../../src/report/html/time-axis.ts';
import { isoMicros } from '../../../src/report/iso-time.ts';
import { reportedStream } from '../../../src/report/reported.ts';
import { quality, START_US, stream } from '../records.ts';

describe('the template', () => {
  test('escapes whatever is put in, and leaves what is HTML', () => {
    expect(html`<a title="${`"'<&>`}">${new Html('<b>')}${null}${3}</a>`.text).toBe(
      '<a title="&quot;&#39;&lt;&amp;&gt;"><b>3</a>',
    );
  });

  test('shows control characters and overrides of direction as escapes', () => {
    expect(escaped('a\u202eb\u0000c\u001b[31m')).toBe('a\\u202eb\\x00c\\x1b[31m');
    expect(escaped('\ud800')).toBe('\\ud800');
    expect(escaped('plain text = fine; 100 %')).toBe('plain text = fine; 100 %');
  });
});

describe('packed parts', () => {
  test('come out as they went in, a few in each block', () => {
    const parts = ['<p>one</p>', '<p>zwei \u2713</p>', '<p>three</p>'].map((text) => new Html(text));
    const blocks = [...packedBlocks('d', parts, 2)].map(({ text }) => text);
    expect(blocks.length).toBe(2);
    const ids = blocks.map((text) => /id="([^"]+)"/.exec(text)?.[1]);
    expect(ids).toEqual(['d-0', 'd-1']);
    const plain = blocks.map((text) => {
      const packed = /<script[^>]*>([^<]*)<\/script>/.exec(text)![1]!;
      return gunzipSync(Buffer.from(packed, 'base64')).toString('utf8').split('\u001e');
    });
    expect(plain.flat()).toEqual(parts.map(({ text }) => text));
  });

  test('JSON cannot end its element', () => {
    const { text } = embeddedJson('x', { name: '</script><script>alert(1)' });
    expect(text.match(/<\/?script/g)?.length).toBe(2);
    expect(JSON.parse(/>(.*)<\/script>/s.exec(text)![1]!)).toEqual({ name: '</script><script>alert(1)' });
  });
});

describe('axes', () => {
  test('marks are round and few', () => {
    expect(marksOf(40.7)).toEqual([0, 10, 20, 30, 40]);
    expect(marksOf(0.0004).length).toBeGreaterThan(0);
    for (const length of [0.01, 1, 17, 900, 50_000, 5e6]) expect(marksOf(length).length).toBeLessThan(9);
  });

  test('times after the start as people read them', () => {
    expect([0.25, 59, 65, 3723].map(afterText)).toEqual(['+0.25 s', '+59 s', '+1:05', '+1:02:03']);
  });

  test('places stay within the axis', () => {
    const axis = { startUs: 100, endUs: 200 };
    expect([50, 100, 125, 900].map((us) => percentAt(axis, us))).toEqual(['0%', '0%', '25%', '100%']);
  });

  test('tops are round and not below the values', () => {
    for (const value of [0.3, 9, 11, 26, 149, 5601]) expect(niceTop(value, 1)).toBeGreaterThanOrEqual(value);
    expect([niceTop(0, 10), niceTop(26, 10), niceTop(11, 10)]).toEqual([10, 30, 15]);
  });

  test('percentiles are those of the nearest rank', () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect([50, 90, 95, 99, 1].map((rank) => nearestRank(values, rank))).toEqual([5, 9, 10, 10, 1]);
    expect(nearestRank([], 50)).toBeNull();
  });
});

describe('lines of a chart', () => {
  const point = (from: number, mosLq: number | null, lost = 0): Point => ({
    ...{ from, to: from + 0.25, startUs: 0, durationMs: 5000, mosLq, lost },
    ...{ discarded: 0, jitterMs: 1, pdvP95Ms: 2 },
  });

  test('steps join where intervals do, and break where nothing is known', () => {
    const points = [point(0, 4), point(0.25, 3), point(0.5, null), point(0.75, 2)];
    expect(
      stepPath(
        points,
        ({ mosLq }) => mosLq,
        (mos) => mos * 10,
      ),
    ).toBe('M0 40H250V30H500M750 20H1000');
  });

  test('bars are drawn where there is something only', () => {
    const path = barPath([point(0, 4), point(0.5, 4, 0.1)], ({ lost }) =>
      lost === 0 ? null : [50, 50 - lost! * 100],
    );
    expect(path).toBe('M500 50V40h230V50z');
  });

  test('of too many intervals the worst of each group is kept', () => {
    const many = reportedStream(stream());
    const interval = { ...many.intervals[0]! };
    many.intervals = Array.from({ length: 5000 }, (_, i) => ({
      ...interval,
      ...{ startTime: isoMicros(START_US + i * 5e6), durationMs: 5000, expected: 250, discarded: 0 },
      ...{ lost: i === 1234 ? 100 : 0, mosLq: i === 1234 ? 1.5 : 4.4 },
    }));
    const points = pointsOf(many, { startUs: START_US, endUs: START_US + 5000 * 5e6 });
    expect(points.length).toBeLessThanOrEqual(600);
    expect(Math.max(...points.map(({ lost }) => lost ?? 0))).toBe(0.4);
    expect(Math.min(...points.map(({ mosLq }) => mosLq ?? 5))).toBe(1.5);
    expect(points.at(-1)?.to).toBeCloseTo(1, 6);
  });
});

describe('pictures', () => {
  test('loss runs say their lengths in words, too', () => {
    const lossy = stream();
    const burst = {
      ...lossy.burst,
      lossRuns: 3,
      runLengths: [2, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      longestLossRun: 12,
    };
    const shown = reportedStream({ ...lossy, lost: 14, expected: 1000, burst });
    expect(lossPicture(shown)?.text).toContain('2 of 1, 1 of 10 or more');
    expect(lossPicture(reportedStream({ ...lossy, lost: 0 }))).toBeNull();
  });

  test('a score is a sum whose parts are named', () => {
    const scored = reportedStream(stream({ quality: quality() }));
    expect(scoreView(scored).text).toMatch(/aria-label="Score of s\d+[^"]*: R [\d.]+/);
    const none = reportedStream(stream({ quality: null, noScore: 'codec unknown' }));
    expect(scoreView(none).text).toContain('codec unknown');
  });

  test('markings have their names', () => {
    expect([46, 0, 34, 5].map(dscpText)).toEqual(['EF (46)', 'BE (0)', 'AF41 (34)', 'DSCP 5']);
  });
});
