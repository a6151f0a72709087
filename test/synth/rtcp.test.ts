import { expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { type ReadPacket, readCapture, readRtp } from './read-capture.ts';

interface Read {
  packet: ReadPacket;
  type: number;
  ssrc: number;
  ntpMiddle: number;
  packets: number;
  octets: number;
  block: {
    ssrc: number;
    fraction: number;
    lost: number;
    highest: number;
    jitter: number;
    lsr: number;
    dlsr: number;
  } | null;
  types: number[];
}

function readRtcp(packets: ReadPacket[]): Read[] {
  return packets
    .filter((packet) => packet.protocol === 17 && packet.dstPort % 2 === 1 && packet.dstPort > 10_000)
    .map((packet) => {
      const view = new DataView(packet.payload.buffer, packet.payload.byteOffset, packet.payload.byteLength);
      const types: number[] = [];
      for (let at = 0; at < view.byteLength; at += 4 * (view.getUint16(at + 2) + 1))
        types.push(view.getUint8(at + 1));
      const type = view.getUint8(1);
      const at = type === 200 ? 28 : 8;
      const word = (offset: number) => view.getUint32(at + offset);
      const isSr = type === 200;
      return {
        packet,
        type,
        types,
        ssrc: view.getUint32(4),
        ntpMiddle: isSr ? view.getUint32(10) : 0,
        packets: isSr ? view.getUint32(20) : 0,
        octets: isSr ? view.getUint32(24) : 0,
        block:
          (view.getUint8(0) & 31) === 0
            ? null
            : {
                ssrc: word(0),
                fraction: view.getUint8(at + 4),
                lost: (word(4) << 8) >> 8,
                highest: word(8),
                jitter: word(12),
                lsr: word(16),
                dlsr: word(20),
              },
      };
    });
}

const CALL: CallSpec = {
  durationMs: 12_000,
  rtcp: { intervalMs: 2000, tapToCallerMs: 15, tapToCalleeMs: 40 },
  callerToCallee: { startSeq: 65500, loss: { kind: 'random', ratio: 0.1 } },
};

test('LSR and DLSR give the round trip between tap and receiver', () => {
  const { pcap, truth } = buildScenario({ calls: [CALL] });
  const reports = readRtcp(readCapture(pcap));
  expect(reports.length).toBe(truth.capture.rtcp);
  let samples = 0;
  for (const report of reports) {
    if (report.block === null || report.block.lsr === 0) continue;
    const asked = reports.find(
      (sr) => sr.type === 200 && sr.ntpMiddle === report.block!.lsr && sr.ssrc === report.block!.ssrc,
    )!;
    const ms = Number(report.packet.timeNs - asked.packet.timeNs) / 1e6 - (report.block.dlsr * 1000) / 65536;
    expect(ms).toBeCloseTo(report.packet.src === '192.0.2.10' ? 30 : 80, 1);
    samples++;
  }
  expect(samples).toBeGreaterThan(6);
  const [forward, back] = ['callerToCallee', 'calleeToCaller'].map(
    (way) => truth.streams.find((s) => s.direction === way)!,
  );
  expect(forward!.rtcp!.roundTripMs!.mean).toBeCloseTo(80, 1);
  expect(back!.rtcp!.roundTripMs!.mean).toBeCloseTo(30, 1);
});

test('the last report about a stream has its loss, highest number and the sender its counts', () => {
  const { pcap, truth } = buildScenario({ calls: [CALL] });
  const packets = readCapture(pcap);
  const reports = readRtcp(packets);
  const stream = truth.streams.find((s) => s.direction === 'callerToCallee')!;
  const rtp = readRtp(packets).filter((packet) => packet.packet.src === '192.0.2.10');
  const last = reports.filter((report) => report.block?.ssrc === rtp[0]!.ssrc).at(-1)!;
  // What the callee had by then passed the tap two ways of 40 ms earlier.
  const before = rtp.filter(({ packet }) => packet.timeNs <= last.packet.timeNs - 80_000_000n);
  expect(last.block!.lost).toBe(stream.rtcp!.cumulativeLost);
  expect(stream.rtcp!.receiverReports).toBe(
    reports.filter((report) => report.block?.ssrc === rtp[0]!.ssrc).length,
  );
  expect(last.block!.highest).toBe(65536 + before.at(-1)!.seq);
  expect(last.block!.lost).toBe(last.block!.highest - before[0]!.seq + 1 - before.length);
  const sr = reports.filter((report) => report.type === 200 && report.ssrc === rtp[0]!.ssrc).at(-1)!;
  expect(sr.packets).toBe(598);
  expect(sr.octets).toBe(598 * 160);
  expect(stream.rtcp!.lostRatio).toBeCloseTo(stream.lostRatio, 2);
  expect(reports.slice(-2).map((report) => report.types)).toEqual([
    [200, 202, 203],
    [200, 202, 203],
  ]);
});

test('loss behind the tap is in the reports only; a silent side sends receiver reports', () => {
  const { truth, pcap } = buildScenario({
    calls: [
      { ...CALL, callerToCallee: { lossAfterTap: { kind: 'periodic', every: 10 } }, calleeToCaller: null },
    ],
  });
  const stream = truth.streams[0]!;
  expect(stream.lost).toBe(0);
  expect(stream.rtcp!.lostRatio).toBeCloseTo(0.1, 2);
  const fromCallee = readRtcp(readCapture(pcap)).filter((report) => report.packet.src === '203.0.113.10');
  expect(new Set(fromCallee.map((report) => report.type))).toEqual(new Set([201]));
});

test('rtcp-mux puts reports on the media port', () => {
  const { pcap, truth } = buildScenario({ calls: [{ ...CALL, rtcp: { mux: true, intervalMs: 1000 } }] });
  const packets = readCapture(pcap).filter(
    (p) => p.protocol === 17 && p.payload[1]! >= 200 && p.payload[1]! <= 207 && p.payload[0]! >> 6 === 2,
  );
  expect(packets.length).toBe(truth.capture.rtcp);
  expect(packets.every((packet) => packet.dstPort % 2 === 0)).toBe(true);
});
