import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../cli/earshot.ts';
import { arrivals, jitterTicks, missingTshark, nearestTick, wholeMs } from './lab/arrivals.ts';
import { Lab, whyNot } from './lab/lab.ts';
import {
  baresipThroughRtpengine,
  type Harm,
  NET,
  type RelayedCall,
  sippThroughRtpengine,
} from './lab/relayed-call.ts';
import { type Replayed, streamsFrom } from './lab/replayed.ts';
import { loggedReports, portCounts, reportedTo } from './lab/rtpengine-figures.ts';
import { type FlowTruth, flowFrom, visibleDrops } from './middlebox/truth.ts';

/** Both directions lose packets before rtpengine, and behind it; one has late packets and copies. */
const HARM: Harm = {
  left: {
    toRight: { delayMs: 20, lossRatio: 0.03, jitterMs: 10 },
    toLeft: { delayMs: 15, lossRatio: 0.05 },
  },
  right: {
    toRight: { delayMs: 40, lossRatio: 0.04 },
    toLeft: { delayMs: 35, lossRatio: 0.02, reorderRatio: 0.02, reorderMs: 50, duplicateRatio: 0.01 },
  },
};
const HEADER_OCTETS = 12;
const PCMA_OCTETS = 160;

interface Compared {
  call: RelayedCall;
  stream: Replayed['streams'][number];
  flow: FlowTruth;
}

/** Streams on their way to rtpengine, with what the box before it did to them. */
function arriving(call: RelayedCall): Compared[] {
  const left = streamsFrom(call.report, NET.leftInner).map((stream) => ({
    call,
    stream,
    flow: flowFrom(call.left, 'toRight', stream.src.port),
  }));
  const right = streamsFrom(call.report, NET.rightInner).map((stream) => ({
    call,
    stream,
    flow: flowFrom(call.right, 'toLeft', stream.src.port),
  }));
  return [...left, ...right];
}

/** What a receiver that counts copies as received misses up to a number; the packets still held back may be counted. */
function missingAt({ dropped, duplicated, reordered, ...flow }: FlowTruth, highest: number): number[] {
  const lost =
    visibleDrops({ ...flow, dropped, duplicated, reordered }, highest) -
    duplicated.filter((number) => number <= highest).length;
  const heldBack = reordered.filter((number) => number <= highest && number > highest - 4).length;
  return Array.from({ length: heldBack + 1 }, (_, i) => lost + i);
}

const reason = whyNot(['rtpengine', 'sipp', 'baresip']);
describe.skipIf(reason !== null)(`rtpengine${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  const labs: Lab[] = [];
  let sipp: RelayedCall;
  let baresip: RelayedCall;
  let all: Compared[];
  beforeAll(async () => {
    build();
    labs.push(new Lab(), new Lab());
    [sipp, baresip] = await Promise.all([
      sippThroughRtpengine(labs[0]!, HARM, 3),
      baresipThroughRtpengine(labs[1]!, HARM),
    ]);
    all = [...arriving(sipp), ...arriving(baresip)];
  });
  afterAll(() => Promise.all(labs.map((lab) => lab.close())));

  test('every call and direction is there', () => {
    expect(all).toHaveLength(8);
    expect(sipp.report.calls.map(({ state }) => state)).toEqual(['answered', 'answered', 'answered']);
    expect(baresip.report.calls.map(({ state }) => state)).toEqual(['answered']);
    expect([...sipp.middle.problems, ...baresip.middle.problems]).toEqual([]);
  });

  test('packets and octets are those that rtpengine counted and the boxes let through', () => {
    for (const { call, stream, flow } of all) {
      const count = portCounts(call.middle).find(
        ({ from }) => from.ip === stream.src.ip && from.port === stream.src.port,
      );
      const passed = flow.received - flow.dropped.length;
      expect({ ...stream, packets: stream.packets + stream.duplicates }).toMatchObject({
        packets: count!.packets,
        octets: passed * PCMA_OCTETS,
        duplicates: flow.duplicated.length,
      });
      expect(count!.packets).toBe(passed + flow.duplicated.length);
      expect(count!.bytes).toBe(
        stream.octets + (count!.packets - passed) * PCMA_OCTETS + count!.packets * HEADER_OCTETS,
      );
    }
  });

  test('what is lost, late and double is what the boxes did', () => {
    for (const { stream, flow } of all) {
      expect(stream).toMatchObject({
        expected: flow.lastSent! - flow.firstSent! + 1,
        lost: visibleDrops(flow),
        duplicates: flow.duplicated.length,
        reordered: flow.reordered.length,
      });
      expect(stream.lost).toBeGreaterThan(0);
    }
  });

  test("cumulative loss in rtpengine's own reports counts copies as received, as lostRfc does", () => {
    const reports = loggedReports(sipp.rtpengineLog);
    expect(reports.length).toBeGreaterThan(2);
    for (const { callId, from, highest, cumulativeLost } of reports) {
      const ways = all.filter(({ stream }) => stream.callId === callId);
      const { flow } = ways.find(({ stream }) => stream.ssrc !== from)!;
      expect(missingAt(flow, highest)).toContain(cumulativeLost);
    }
    for (const { stream, flow } of arriving(sipp)) {
      expect(missingAt(flow, flow.lastSent!)[0]! - stream.lostRfc).toBeLessThanOrEqual(1);
    }
  });

  test('loss before and after the probe adds up to what the receiver reported last', () => {
    const reports = loggedReports(baresip.rtpengineLog);
    const [stream] = streamsFrom(baresip.report, NET.middleRight);
    const beyond = flowFrom(baresip.right, 'toRight', baresip.right.flows[0]!.port);
    const last = reports.filter(({ about }) => about === stream!.ssrc).at(-1)!;
    const { lossBeforeProbe, lossAfterProbe, lossOnlyAtProbe } = stream!.rtcp;
    expect(lossBeforeProbe! + lossAfterProbe!).toBe(last.cumulativeLost);
    expect(lossAfterProbe).toBe(visibleDrops(beyond, last.highest));
    expect(lossOnlyAtProbe).toBe(0);
  });

  test('round trips, loss and jitter that receivers reported to rtpengine', () => {
    for (const ip of [NET.middleLeft, NET.middleRight]) {
      const [stream] = streamsFrom(baresip.report, ip);
      const other = baresip.report.streams.find(({ src }) => src.ip !== ip && src.ip === stream!.dst.ip)!;
      const reported = reportedTo(baresip.middle)[other.ssrc]!;
      expect(reported.length).toBeGreaterThan(0);
      const { fractionLostMax, jitterMaxMs } = stream!.rtcp;
      expect(Math.max(...reported.map(({ lossPercent }) => lossPercent))).toBeLessThanOrEqual(
        Math.floor(fractionLostMax! * 100),
      );
      expect(Math.max(...reported.map(({ jitterMs }) => jitterMs))).toBeLessThanOrEqual(
        Math.floor(jitterMaxMs!),
      );
      console.log(ip, reported, stream!.rtcp.fractionLostMax, jitterMaxMs, stream!.roundTripMs);
    }
  });

  test.skipIf(missingTshark !== null)(
    `jitter: rtpengine counts whole milliseconds, earshot ticks${missingTshark === null ? '' : ` (skipped: ${missingTshark})`}`,
    () => {
      for (const { stream } of all) {
        const packets = arrivals(
          stream.src.ip === 'x' ? '' : all.find((c) => c.stream === stream)!.call.capture,
          stream.src,
        );
        const own = jitterTicks(packets, nearestTick).at(-1)! / 8;
        console.log(stream.id, own, stream.jitterRfcMs.last);
      }
      for (const { callId, from, highest, jitterTicks: reported } of loggedReports(sipp.rtpengineLog)) {
        const { stream } = arriving(sipp).find(
          (way) => way.stream.callId === callId && way.stream.ssrc !== from,
        )!;
        const packets = arrivals(sipp.capture, stream.src);
        const at = packets.findIndex(({ sequence }) => sequence === (highest & 0xffff));
        console.log(
          stream.id,
          reported,
          jitterTicks(packets, wholeMs).slice(at - 1, at + 3),
          jitterTicks(packets, nearestTick)[at],
        );
      }
    },
  );
});
