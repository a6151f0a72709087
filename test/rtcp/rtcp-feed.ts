import { parseAddress } from '../../src/packet/address.ts';
import { PacketView } from '../../src/packet/view.ts';
import { RtcpPlane, type SourceReports } from '../../src/rtcp/plane.ts';
import type { Path } from '../../src/rtcp/source-table.ts';

export const A = '192.0.2.1';
export const B = '198.51.100.1';

/** Ports of one end and the other: of RTP, or of the RTCP beside it. */
export type Ports = readonly [number, number];

function pathOf(from: string, to: string, [srcPort, dstPort]: Ports): Path {
  return { src: parseAddress(from)!, dst: parseAddress(to)!, srcPort, dstPort };
}

/** Hands datagrams to a plane as if they came from one address to another. */
export class RtcpFeed {
  readonly plane = new RtcpPlane();

  send(
    timeMs: number,
    from: string,
    to: string,
    payload: Uint8Array,
    wire = payload.length,
    ports: Ports = [0, 0],
  ): void {
    const view = new PacketView();
    const { src, dst, srcPort, dstPort } = pathOf(from, to, ports);
    Object.assign(view, { srcPort, dstPort });
    Object.assign(view, { src0: src[0], src1: src[1], src2: src[2], src3: src[3] });
    Object.assign(view, { dst0: dst[0], dst1: dst[1], dst2: dst[2], dst3: dst[3] });
    Object.assign(view, { payloadOffset: 0, payloadLength: payload.length, payloadWireLength: wire });
    this.plane.receive(view, new DataView(payload.buffer, payload.byteOffset, payload.length), timeMs * 1000);
  }

  about(ssrc: number, from = A, to = B, ports: Ports = [0, 0]): SourceReports | null {
    return this.plane.about(ssrc | 0, pathOf(from, to, ports));
  }

  /** What is known of the receiver of the stream `ssrc`. */
  aboutReceiver(ssrc: number, from = A, to = B): SourceReports | null {
    return this.plane.aboutReceiver(this.about(ssrc, from, to), pathOf(from, to, [0, 0]));
  }

  forget(ssrc: number, from = A, to = B): void {
    this.plane.forget(ssrc | 0, pathOf(from, to, [0, 0]));
  }
}
