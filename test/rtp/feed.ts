import { PacketView } from '../../src/packet/view.ts';
import { RtpHeader } from '../../src/rtp/header.ts';
import { DEFAULT_RTP_OPTIONS, RtpPlane } from '../../src/rtp/plane.ts';
import type { StreamMeasurement } from '../../src/rtp/summary.ts';
import type { TurnedLanes } from './measure.ts';

/** One RTP packet as the meter sees it: when it came and what its header said. */
export interface Fed {
  atMs: number;
  sequence: number;
  timestamp: number;
  marker?: boolean;
  payloadType?: number;
  octets?: number;
}

/** Measures one stream from a list of packets, without frames or captures around it. */
export function feed(packets: readonly Fed[], lanes: TurnedLanes | null = null): StreamMeasurement {
  let result: StreamMeasurement | null = null;
  const plane = new RtpPlane(
    {
      streamStarted: () => {},
      streamEnded: (_slot, _key, _number, measured) => {
        result = measured;
      },
    },
    () => true,
    { ...DEFAULT_RTP_OPTIONS, streamsMax: 4, idleUs: 1e12, claimedIdleUs: 1e12, lanes },
  );
  const view = new PacketView();
  view.dstPort = 4000;
  // Announced, so that even the oddest first packets are believed.
  plane.endpoints.add(Int32Array.of(0, 0, 0, 0), 4000);
  const header = new RtpHeader();
  const data = new DataView(new ArrayBuffer(16));
  for (const packet of packets) {
    header.sequence = packet.sequence & 0xffff;
    header.timestamp = packet.timestamp | 0;
    header.marker = packet.marker === true ? 1 : 0;
    header.payloadType = packet.payloadType ?? 0;
    header.ssrc = 77;
    header.payloadLength = packet.octets ?? 160;
    view.timeUs = 1e9 + packet.atMs * 1000;
    plane.receive(header, view, data);
    lanes?.turn();
  }
  plane.retireAll();
  if (result === null) throw new Error('no stream');
  return result;
}

/** A steady stream: `count` packets of 20 ms at 8000 Hz from `fromMs` on. */
export function steady(count: number, from: Partial<Fed> = {}): Fed[] {
  const { atMs = 0, sequence = 100, timestamp = 5000 } = from;
  return Array.from({ length: count }, (_, i) => ({
    atMs: atMs + i * 20,
    sequence: sequence + i,
    timestamp: timestamp + i * 160,
  }));
}
