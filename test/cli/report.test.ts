import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportCall, ReportCapture, ReportFinding, ReportStream } from '../../src/report/contract.ts';
import type { Truth } from '../../src/synth/truth.ts';
import { CALL, CAPTURE, departure, FINDING, STREAM } from './contract-shape.ts';
import { build, DEMO, demoParts, earshot, Folder, joined, ROOT } from './earshot.ts';

interface WholeReport {
  schema: string;
  tool: { name: string; version: string };
  capture: ReportCapture;
  calls: ReportCall[];
  streams: ReportStream[];
  findings: ReportFinding[];
}

const folder = new Folder();
let json: string;
let report: WholeReport;

beforeAll(() => {
  build();
  json = earshot(['replay', DEMO, '--json']).stdout;
  report = JSON.parse(json) as WholeReport;
}, 120_000);
afterAll(() => folder.remove());

/** A report but for what names its files. */
function withoutFiles(text: string): unknown {
  const whole = JSON.parse(text) as WholeReport;
  return { ...whole, capture: { ...whole.capture, files: [] } };
}

describe('the demo capture', () => {
  test('as a table: what is checked in, to the letter', () => {
    const golden = join(ROOT, 'test/cli/demo.table.txt');
    const { code, stdout, stderr } = earshot(['replay', DEMO], { env: { NO_COLOR: '1' } });
    if (process.env.EARSHOT_UPDATE_GOLDEN === '1') writeFileSync(golden, stdout);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(readFileSync(golden, 'utf8'));
  });

  test('as JSON: calls as the generator made them', () => {
    const truth = JSON.parse(readFileSync(join(ROOT, 'test/pcaps/demo.truth.json'), 'utf8')) as Truth;
    const { packets, bytes, startTime, endTime, decoded } = report.capture;
    expect({ packets, bytes, startTime, endTime }).toEqual({
      packets: truth.capture.packets,
      bytes: truth.capture.bytes,
      startTime: truth.capture.startTime,
      endTime: truth.capture.endTime,
    });
    const { sip, rtp, rtcp, other } = truth.capture;
    expect(decoded).toEqual({ sip, rtp, rtcp, t38: 0, other });
    const calls = report.calls.map(({ setup, ...call }) => ({ ...call, ...setup }));
    expect(calls.map((call) => call.callId)).toEqual(truth.calls.map((call) => call.callId));
    for (const [i, wanted] of truth.calls.entries()) expect(calls[i]).toMatchObject(wanted);
  });

  test('as JSON: streams as the generator made them', () => {
    const truth = JSON.parse(readFileSync(join(ROOT, 'test/pcaps/demo.truth.json'), 'utf8')) as Truth;
    expect(report.streams.map((stream) => stream.ssrc)).toEqual(truth.streams.map((stream) => stream.ssrc));
    for (const [i, wanted] of truth.streams.entries()) {
      const stream = report.streams[i]!;
      const { callId, direction, packets, octets, expected, lost, duplicates, reordered, restarts } = wanted;
      expect(stream).toMatchObject({
        callId,
        direction,
        packets,
        octets,
        expected,
        lost,
        duplicates,
        reordered,
        restarts,
      });
      expect(stream).toMatchObject({
        startTime: wanted.firstTime,
        src: wanted.src,
        dst: wanted.dst,
        ptimeMs: wanted.ptimeMs,
      });
      const { bursts, longestLossRun } = wanted.burst;
      expect(stream.burst).toMatchObject({ bursts, longestLossRun });
      for (const name of ['burstDensity', 'gapDensity', 'burstR'] as const) {
        expect(stream.burst[name]).toBeCloseTo(wanted.burst[name], 5);
      }
      for (const name of ['burstDurationMs', 'gapDurationMs'] as const) {
        expect(Math.abs(stream.burst[name]! - wanted.burst[name])).toBeLessThan(0.01);
      }
      for (const name of ['last', 'mean', 'max'] as const) {
        expect(Math.abs(stream.jitterRfcMs[name]! - wanted.jitterRfcMs[name])).toBeLessThan(0.01);
      }
      for (const name of ['mean', 'max'] as const) {
        expect(Math.abs(stream.jitterMs[name]! - wanted.jitterMs![name])).toBeLessThan(0.01);
      }
      // Keys are masked unless asked for.
      expect(stream.events.map((event) => event.digit)).toEqual(wanted.dtmf.map(() => 'x'));
    }
  });

  test('as JSON: every field of the contract, in its unit', () => {
    expect(report.schema).toBe('earshot.report/1');
    expect(report.tool).toMatchObject({ name: 'earshot', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(departure(report.capture, CAPTURE, 'capture')).toBeNull();
    for (const call of report.calls) expect(departure(call, CALL, call.id)).toBeNull();
    for (const stream of report.streams) expect(departure(stream, STREAM, stream.id)).toBeNull();
    for (const finding of report.findings) expect(departure(finding, FINDING, finding.code)).toBeNull();
    expect(json).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('as JSON: records point at each other', () => {
    const streams = new Map(report.streams.map((stream) => [stream.id, stream]));
    for (const call of report.calls) {
      for (const id of call.streams) expect(streams.get(id)?.callId).toBe(call.callId);
      const codes = report.findings
        .filter((finding) => finding.callId === call.callId)
        .map(({ code }) => code);
      expect(new Set(codes)).toEqual(new Set(call.findings));
    }
    for (const { lost, expected, packets, startTime, endTime } of report.streams) {
      expect(expected - lost).toBe(packets);
      expect(startTime! <= endTime!).toBe(true);
    }
    const starts = report.streams.map((stream) => stream.startTime!);
    expect(starts).toEqual([...starts].sort());
  });
});

describe('the same packets', () => {
  test('twice give the same bytes', () => {
    expect(earshot(['replay', DEMO, '--json']).stdout).toBe(json);
  });

  test('from standard input', () => {
    const input = readFileSync(join(ROOT, DEMO));
    const { code, stdout, stderr } = earshot(['replay', '-', '--json'], { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(withoutFiles(stdout)).toEqual(withoutFiles(json));
    expect((JSON.parse(stdout) as WholeReport).capture.files[0]).toMatchObject({
      path: '-',
      packets: 11_538,
    });
  });

  test.each([
    ['one after the other', (group: number, all: number) => group < all / 3],
    ['interleaved', (group: number) => group % 2 === 0],
  ] as const)('in two files, %s, in either order', (name, isFirst) => {
    const { header, records } = demoParts();
    // Packets of one instant stay in one file: between files nothing could say which of them came first.
    const groups: Uint8Array[][] = [];
    let instant = '';
    for (const record of records) {
      const time = Buffer.from(record.subarray(0, 8)).toString('hex');
      if (time === instant) groups.at(-1)!.push(record);
      else groups.push([record]);
      instant = time;
    }
    const parts = [true, false].map((wanted) =>
      groups.filter((_, i) => isFirst(i, groups.length) === wanted).flat(),
    );
    const files = parts.map((part, i) =>
      folder.write(`${name}-${i}.pcap`, joined({ header, records: part })),
    );
    for (const order of [files, [...files].reverse()]) {
      const { code, stdout } = earshot(['replay', ...order, '--json']);
      expect(code).toBe(0);
      expect(withoutFiles(stdout)).toEqual(withoutFiles(json));
      expect((JSON.parse(stdout) as WholeReport).capture.files.map(({ path }) => path)).toEqual(order);
    }
  });
});
