import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../cli/earshot.ts';
import { arrivals, jitterTicks, missingTshark, nearestTick, sharkStreams, wholeMs } from './lab/arrivals.ts';
import { Lab, titled, whyNot } from './lab/lab.ts';
import {
  baresipThroughRtpengine,
  type Harm,
  NET,
  type RelayedCall,
  sippThroughRtpengine,
} from './lab/relayed-call.ts';
import { alarms, type Replayed, streamsFrom } from './lab/replayed.ts';
import { loggedReports, portCounts, type ReportedQuality, reportedTo } from './lab/rtpengine-figures.ts';
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

/** rtpengine counts a packet as lost once it is this many numbers behind. */
const WINDOW = 32;

/** What rtpengine counts as lost when it has seen a number: the least and the most, by how the edge is counted. */
function countedAt(flow: FlowTruth, highest: number): [number, number] {
  const behind = (distance: number): number => visibleDrops(flow, highest - distance + 1);
  return [behind(WINDOW + 1), behind(WINDOW - 1)];
}

/** The score that rtpengine makes of a report: a simplified E-model with the whole round trip as delay. */
function simplifiedMos({ callRoundTripUs, jitterMs, lossPercent }: ReportedQuality): number {
  const delayMs = callRoundTripUs / 1000 + 2 * jitterMs + 10;
  const r = 93.2 - (delayMs < 160 ? delayMs / 40 : (delayMs - 120) / 10) - 2.5 * lossPercent;
  return 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r);
}

const reason = whyNot(['rtpengine', 'sipp', 'baresip']);
describe.skipIf(reason !== null)(titled('rtpengine', reason), () => {
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

  test('what is found is what the boxes did: loss at random, before the probe and behind it', () => {
    const bothWays = (code: string): string[] => [`${code} calleeToCaller`, `${code} callerToCallee`];
    // When packets pass depends on what else the machine has to do: a relay that waits makes them late.
    const besideTiming = ({ report }: typeof sipp): string[] =>
      alarms(report).filter((alarm) => !/^(late_discard|high_jitter|queueing) /.test(alarm));
    // The callers of sipp are silent for seconds before they hang up.
    expect(besideTiming(sipp)).toEqual([...bothWays('media_stopped'), ...bothWays('random_loss')]);
    expect(besideTiming(baresip)).toEqual([...bothWays('loss_after_probe'), ...bothWays('random_loss')]);
  });

  test("rtpengine's own reports know of the same losses, 32 packets later", () => {
    const reports = loggedReports(sipp.rtpengineLog);
    expect(reports.length).toBeGreaterThan(2);
    for (const { callId, from, highest, cumulativeLost } of reports) {
      const { flow } = arriving(sipp).find(({ stream }) => stream.callId === callId && stream.ssrc !== from)!;
      const [least, most] = countedAt(flow, highest);
      expect(cumulativeLost).toBeGreaterThanOrEqual(least);
      expect(cumulativeLost).toBeLessThanOrEqual(most);
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

  test('loss, jitter and delay that receivers reported to rtpengine', () => {
    for (const [ip, box] of [
      [NET.middleLeft, baresip.left],
      [NET.middleRight, baresip.right],
    ] as const) {
      const [stream] = streamsFrom(baresip.report, ip);
      const reporter = baresip.report.streams.find(({ src }) => src.ip === stream!.dst.ip)!;
      const reported = reportedTo(baresip.middle)[reporter.ssrc]!;
      const last = reported.at(-1)!;
      expect(Math.floor(stream!.rtcp.jitterMs!)).toBe(last.jitterMs);
      expect(Math.floor(stream!.rtcp.fractionLostMax! * 100)).toBeGreaterThanOrEqual(last.lossPercent);
      const { toLeft, toRight } = box.rtcpDelaysMs;
      // The receiver's clock ticks in ms.
      const leastMs = Math.min(...toLeft) + Math.min(...toRight) - 1;
      expect(stream!.roundTripMs!.p50).toBeGreaterThan(leastMs);
      expect(last.legRoundTripUs / 1000).toBeGreaterThan(leastMs);
      for (const quality of reported.filter(({ mosTimesTen }) => mosTimesTen > 0)) {
        expect(Math.abs(quality.mosTimesTen - 10 * simplifiedMos(quality))).toBeLessThanOrEqual(1);
      }
    }
  });

  test.skipIf(missingTshark !== null)(
    titled('tshark sees the same packets, and takes copies for packets that were not lost', missingTshark),
    () => {
      for (const call of [sipp, baresip]) {
        const lines = sharkStreams(call.capture, ['20000-20020', '40000-40400']);
        for (const { stream } of arriving(call)) {
          const line = lines.find(({ src }) => src.ip === stream.src.ip && src.port === stream.src.port)!;
          expect(line).toMatchObject({
            packets: stream.packets + stream.duplicates,
            lost: stream.lost - stream.duplicates,
          });
          // Its mean leaves out the first packet.
          const share = 1 - 1 / line.packets;
          expect(Math.abs(line.meanJitterMs * share - stream.jitterRfcMs.mean!)).toBeLessThan(0.1);
        }
      }
    },
  );

  test.skipIf(missingTshark !== null)(
    titled("jitter is RFC 3550's, in ticks; rtpengine's too, in whole milliseconds", missingTshark),
    () => {
      for (const { call, stream } of all) {
        const inTicks = jitterTicks(arrivals(call.capture, stream.src), nearestTick);
        // Whole numbers are cut to the tick, and each step may be rounded by half of one.
        expect(Math.abs(inTicks.at(-1)! / 8 - stream.jitterRfcMs.last!)).toBeLessThan(0.25);
      }
      for (const { callId, from, highest, jitterTicks: reported } of loggedReports(sipp.rtpengineLog)) {
        const { stream } = arriving(sipp).find(
          (way) => way.stream.callId === callId && way.stream.ssrc !== from,
        )!;
        const packets = arrivals(sipp.capture, stream.src);
        const at = packets.findIndex(({ sequence }) => sequence === (highest & 0xffff));
        // The report may have been made after one or two late packets more; and rtpengine's stamps are those of its
        // reading, which on a busy machine falls into the next millisecond: 8 ticks, of which a sixteenth counts.
        const near = jitterTicks(packets, wholeMs).slice(at, at + 3);
        expect(Math.min(...near.map((ticks) => Math.abs(ticks - reported)))).toBeLessThanOrEqual(8);
      }
    },
  );
});
