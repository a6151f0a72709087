/** One report block to be written; what is left out is 0. */
export interface BlockSpec {
  about: number;
  fractionLost?: number;
  /** Signed. */
  cumulativeLost?: number;
  highest?: number;
  jitterTicks?: number;
  lsr?: number;
  dlsr?: number;
}

/** A sender report when `ntp` is given (its middle 32 bits), else a receiver report. */
export interface ReportSpec extends Partial<BlockSpec> {
  ssrc: number;
  ntp?: number;
  rtpTimestamp?: number;
  packetsSent?: number;
  octetsSent?: number;
  /** Blocks; default one when `about` is given. */
  blocks?: BlockSpec[];
}

/** The octets of one report. */
export function reportPacket(spec: ReportSpec): Uint8Array {
  const blocks = spec.blocks ?? (spec.about === undefined ? [] : [{ ...spec, about: spec.about }]);
  const sender = spec.ntp !== undefined;
  const head = sender ? 28 : 8;
  const view = rtcpHeader(sender ? 200 : 201, blocks.length, head + 24 * blocks.length);
  view.setUint32(4, spec.ssrc >>> 0);
  if (spec.ntp !== undefined) {
    view.setUint32(8, (0xe8000000 | (spec.ntp >>> 16)) >>> 0);
    view.setUint32(12, ((spec.ntp & 0xffff) << 16) >>> 0);
    view.setUint32(16, spec.rtpTimestamp ?? 0);
    view.setUint32(20, spec.packetsSent ?? 0);
    view.setUint32(24, spec.octetsSent ?? 0);
  }
  for (const [i, block] of blocks.entries()) writeBlock(view, head + 24 * i, block);
  return new Uint8Array(view.buffer);
}

function writeBlock(view: DataView, at: number, block: BlockSpec): void {
  view.setUint32(at, block.about >>> 0);
  view.setUint32(
    at + 4,
    (((block.fractionLost ?? 0) << 24) | ((block.cumulativeLost ?? 0) & 0xffffff)) >>> 0,
  );
  view.setUint32(at + 8, block.highest ?? 0);
  view.setUint32(at + 12, block.jitterTicks ?? 0);
  view.setUint32(at + 16, block.lsr ?? 0);
  view.setUint32(at + 20, block.dlsr ?? 0);
}

/** An SDES packet with one CNAME of three letters. */
export function sdesPacket(ssrc: number): Uint8Array {
  const view = rtcpHeader(202, 1, 16);
  view.setUint32(4, ssrc >>> 0);
  new Uint8Array(view.buffer).set([1, 3, 0x61, 0x62, 0x63, 0, 0, 0], 8);
  return new Uint8Array(view.buffer);
}

/** A BYE of several sources. */
export function byePacket(...ssrcs: number[]): Uint8Array {
  const view = rtcpHeader(203, ssrcs.length, 4 + 4 * ssrcs.length);
  for (const [i, ssrc] of ssrcs.entries()) view.setUint32(4 + 4 * i, ssrc >>> 0);
  return new Uint8Array(view.buffer);
}

/** An extended report with one receiver reference time block (RFC 3611 4.4). */
export function extendedPacket(ssrc: number): Uint8Array {
  const view = rtcpHeader(207, 0, 20);
  view.setUint32(4, ssrc >>> 0);
  view.setUint32(8, 0x04000002);
  return new Uint8Array(view.buffer);
}

/** Several packets as one datagram. */
export function compound(...packets: Uint8Array[]): Uint8Array {
  return Uint8Array.from(packets.flatMap((packet) => [...packet]));
}

function rtcpHeader(type: number, count: number, octets: number): DataView {
  const view = new DataView(new ArrayBuffer(octets));
  view.setUint8(0, 0x80 | count);
  view.setUint8(1, type);
  view.setUint16(2, octets / 4 - 1);
  return view;
}
