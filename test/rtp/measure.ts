import { decodeFrame } from '../../src/packet/link.ts';
import { PacketView } from '../../src/packet/view.ts';
import { parseRtpHeader, RtpHeader } from '../../src/rtp/header.ts';
import type { LaneThreads } from '../../src/rtp/lanes/lanes.ts';
import type { LossFeed } from '../../src/rtp/loss-feed.ts';
import { DEFAULT_RTP_OPTIONS, RtpPlane, type StreamKey } from '../../src/rtp/plane.ts';
import type { StreamMeasurement } from '../../src/rtp/summary.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, StreamSpec } from '../../src/synth/scenario.ts';
import type { StreamTruth } from '../../src/synth/truth.ts';
import { batchesOf } from '../batches.ts';

/** Lanes that get their turn between two packets. */
export interface TurnedLanes extends LaneThreads {
  turn(): void;
}

export interface Measured {
  key: StreamKey;
  measured: StreamMeasurement;
}

/**
 * Runs the RTP part of the line alone over a capture: no signalling, no scores. By SSRC as eight hex digits.
 *
 * @param losses gets what is certain to be lost every second, as whoever compares streams does: second, slot and time
 */
export function measureRtp(
  pcap: Uint8Array,
  perBatch = 1000,
  shortWay = true,
  lanes: TurnedLanes | null = null,
  losses: string[] = [],
): Map<string, Measured> {
  const found = new Map<string, Measured>();
  const plane = new RtpPlane(
    {
      streamStarted: () => {},
      streamEnded: (_slot, key, _number, measured) => {
        found.set(`0x${(key.ssrc >>> 0).toString(16).padStart(8, '0')}`, { key, measured });
      },
    },
    () => false,
    { ...DEFAULT_RTP_OPTIONS, streamsMax: 256, idleUs: 180e6, claimedIdleUs: 180e6, lanes },
  );
  plane.meter.shortWay = shortWay;
  const view = new PacketView();
  const header = new RtpHeader();
  let nextSweep = Number.NaN;
  for (const batch of batchesOf(pcap, perBatch)) {
    for (let i = 0; i < batch.count; i++) {
      const start = batch.offset[i]!;
      const time = batch.timeUs[i]!;
      if (!(time < nextSweep)) {
        plane.sweep(time);
        drain(plane.table.lossFeed, losses, time);
        nextSweep = time + 1e6;
      }
      if (decodeFrame(view, batch.view, batch.linkType[i]!, start, start + batch.capturedLength[i]!) !== 0)
        continue;
      if (view.protocol !== 17) continue;
      const { payloadOffset, payloadLength, payloadWireLength } = view;
      if (parseRtpHeader(header, batch.view, payloadOffset, payloadLength, payloadWireLength)) {
        view.timeUs = time;
        plane.receive(header, view, batch.view);
        lanes?.turn();
      }
    }
  }
  plane.retireAll();
  return found;
}

function drain(feed: LossFeed, losses: string[], time: number): void {
  for (let i = 0; i < feed.length; i++) losses.push(`${time} ${feed.slots[i]} ${feed.timesUs[i]}`);
  feed.clear();
}

/** One stream without signalling, measured, beside what the generator knows of it. */
export function measureOne(
  stream: StreamSpec,
  call: Partial<CallSpec> = {},
  seed = 1,
): { measured: StreamMeasurement; truth: StreamTruth } {
  const { pcap, truth } = buildScenario({
    seed,
    calls: [{ outcome: 'none', durationMs: 30_000, calleeToCaller: null, ...call, callerToCallee: stream }],
  });
  const streamTruth = truth.streams[0]!;
  const found = measureRtp(pcap).get(streamTruth.ssrc);
  if (found === undefined) throw new Error('the stream was not recognised');
  return { measured: found.measured, truth: streamTruth };
}
