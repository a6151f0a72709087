import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { LiveRecord } from '../../../src/live/live-records.ts';
import { Groups } from '../../../src/metrics/groups/groups.ts';
import { MEASUREMENTS } from '../../../src/metrics/influx/catalogue.ts';
import { influxPage } from '../../../src/metrics/influx/influx-page.ts';
import { lineOf } from '../../../src/metrics/influx/line-protocol.ts';
import { Points, type PointsOptions } from '../../../src/metrics/influx/points.ts';
import { UniqueTimes } from '../../../src/metrics/influx/unique-times.ts';
import { callTold, findingTold, intervalTold, startTold, statusTold, streamTold } from '../records.ts';
import { parsedLine } from './parsed-line.ts';

const none = { cidr: [], vlan: [], userAgent: [], header: null, value: '*' };
const GROUPS = {
  sites: [{ ...none, name: 'Berlin, 1', cidr: ['10.1.0.0/16'] }],
  trunks: [{ ...none, name: 'carrier-a', cidr: ['192.0.2.0/24'] }],
  devices: [{ ...none, name: 'Phone $1', userAgent: ['Phone *'] }],
};

function pointsOf(options: Partial<PointsOptions> = {}) {
  return new Points({ probe: 'core-1', groups: new Groups(GROUPS), ...options });
}

function linesOf(records: LiveRecord[], points = pointsOf()) {
  const times = new UniqueTimes();
  return points.of(records).map((point) => parsedLine(lineOf(point, times)!));
}

const PHONE = { userAgent: 'Phone 7', headers: {} };

describe('points of records', () => {
  test('an interval', () => {
    const record = intervalTold({ sender: PHONE, jitterMs: 12.5 });
    const [line] = linesOf([record]);
    expect(line).toMatchObject({
      measurement: 'rtp_interval',
      tags: {
        ...{ probe: 'core-1', site: 'Berlin, 1', trunk: 'carrier-a', direction: 'outbound' },
        ...{ codec: 'PCMA', scale: 'NB' },
      },
    });
    expect(line!.fields).toMatchObject({
      call_id: { type: 'text', value: 'abc@pbx' },
      src: { type: 'text', value: '10.1.0.1:4000' },
      packets: { type: 'integer', value: BigInt(record.packets) },
      jitter_ms: { type: 'float', value: 12.5 },
      mos_cq: { type: 'float', value: 4.1 },
    });
    expect(Number(line!.time / 1_000_000n)).toBe(Date.parse(record.startTime!));
  });

  test('a stream has the device that its intervals told of', () => {
    const interval = intervalTold({ streamId: 's9', sender: PHONE });
    const stream = streamTold({ id: 's9', src: interval.src, dst: interval.dst });
    const [, line] = linesOf([interval, stream]);
    expect(line!.measurement).toBe('rtp_stream');
    expect(line!.tags.device).toBe('Phone 7');
    expect(line!.fields.lost_rfc!.type).toBe('integer');
    expect(line!.fields.jitter_p95_ms).toEqual({ type: 'float', value: stream.jitterMs.p95 });
    // Ids begin anew with measuring.
    const [again] = linesOf([interval, startTold(2), stream]).slice(-1);
    expect(again!.tags.device).toBe('none');
  });

  test('a finding comes with its call, and is where the call is', () => {
    const call = callTold({ callId: 'one' });
    call.signalling.hosts = { source: '10.1.0.7', destination: '192.0.2.1' };
    const points = pointsOf();
    expect(linesOf([findingTold({ callId: 'one', code: 'burst_loss' })], points)).toEqual([]);
    const [finding, of] = linesOf([call], points);
    expect(finding!.tags).toMatchObject({ code: 'burst_loss', site: 'Berlin, 1', trunk: 'carrier-a' });
    expect(finding!.fields.count).toEqual({ type: 'integer', value: 1n });
    expect(of!.tags).toMatchObject({ state: call.state, verdict: call.verdict, direction: 'outbound' });
    expect(of!.fields.call_ref).toEqual(finding!.fields.call_ref ?? null);
  });

  test('a finding without a call is told at the next status', () => {
    const lines = linesOf([findingTold({ callId: 'lost' }), statusTold(10)]);
    expect(lines.map(({ measurement }) => measurement)).toEqual(['finding', 'probe_status']);
    expect(lines[0]!.tags.site).toBe('none');
  });

  test('evidence is JSON however much there is of it', () => {
    const evidence = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`value${i}`, `${'x'.repeat(40)}"\\\n`]),
    );
    const [line] = linesOf([findingTold({ callId: null, evidence })]);
    const read = JSON.parse(line!.fields.evidence!.value as string) as Record<string, string>;
    expect(Object.keys(read).length).toBeGreaterThan(5);
    expect(evidence).toMatchObject(read);
  });

  test('where the probe stands', () => {
    const [line] = linesOf([statusTold(1000, { dropped: null })]);
    expect(line!.tags).toEqual({ probe: 'core-1' });
    expect(line!.fields).toMatchObject({ packets: { type: 'integer', value: 1000n }, trusted: { value: 1 } });
    expect(line!.fields).not.toHaveProperty('dropped');
  });

  test('every field of every measurement has the type of the catalogue', () => {
    const records = [intervalTold(), streamTold(), findingTold({ callId: null }), callTold(), statusTold(5)];
    const lines = linesOf(records);
    expect(lines.map(({ measurement }) => measurement).sort()).toEqual(Object.keys(MEASUREMENTS).sort());
    for (const { measurement, fields, tags } of lines) {
      const entry = MEASUREMENTS[measurement as keyof typeof MEASUREMENTS];
      expect(Object.keys(tags)).toEqual(entry.tags);
      for (const [name, { type }] of Object.entries(fields)) {
        expect((entry.fields as Record<string, { type: string }>)[name]?.type, name).toBe(type);
      }
    }
  });

  test('only what is asked for', () => {
    const points = pointsOf({ measurements: ['sip_call'] });
    const lines = linesOf([intervalTold(), streamTold(), findingTold({}), callTold(), statusTold(5)], points);
    expect(lines.map(({ measurement }) => measurement)).toEqual(['sip_call']);
  });

  test('codecs and groups that the network makes up do not make series without end', () => {
    const groups = new Groups({ ...GROUPS, sites: [{ ...none, name: '$1', userAgent: ['*'] }] });
    const points = pointsOf({ groups, labelSets: 20 });
    const tags = new Set<string>();
    for (let i = 0; i < 500; i++) {
      const sender = { userAgent: `agent ${i}`, headers: {} };
      for (const line of linesOf([intervalTold({ streamId: `s${i}`, sender, codec: `x${i}` })], points)) {
        tags.add(JSON.stringify(line.tags));
      }
    }
    expect(tags.size).toBeLessThanOrEqual(21);
    expect([...tags].some((each) => each.includes('"site":"other"'))).toBe(true);
  });
});

test('no measurement has a tag and a field of one name: InfluxDB 3 refuses that', () => {
  for (const { tags, fields } of Object.values(MEASUREMENTS)) {
    expect(tags.filter((tag) => tag in fields)).toEqual([]);
  }
});

test('docs/influx.md is up to date', () => {
  expect(readFileSync(new URL('../../../docs/influx.md', import.meta.url), 'utf8')).toBe(influxPage());
});
