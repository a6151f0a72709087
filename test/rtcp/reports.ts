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

/** An SDES packet with one chunk: a tool item (6), then the CNAME, then zeros up to a whole word. */
export function sdesPacket(ssrc: number, cname = 'abc'): Uint8Array {
  const text = new TextEncoder().encode(cname);
  const view = rtcpHeader(202, 1, 8 + Math.ceil((4 + 2 + text.length + 1) / 4) * 4);
  view.setUint32(4, ssrc >>> 0);
  const bytes = new Uint8Array(view.buffer);
  bytes.set([6, 2, 0x78, 0x79, 1, text.length], 8);
  bytes.set(text, 14);
  return bytes;
}

/** A BYE of several sources. */
export function byePacket(...ssrcs: number[]): Uint8Array {
  const view = rtcpHeader(203, ssrcs.length, 4 + 4 * ssrcs.length);
  for (const [i, ssrc] of ssrcs.entries()) view.setUint32(4 + 4 * i, ssrc >>> 0);
  return new Uint8Array(view.buffer);
}

/** A BYE of one source with a reason (RFC 3550 6.6). */
export function byeBecause(ssrc: number, reason: string): Uint8Array {
  const text = new TextEncoder().encode(reason);
  const view = rtcpHeader(203, 1, 8 + Math.ceil((1 + text.length) / 4) * 4);
  view.setUint32(4, ssrc >>> 0);
  view.setUint8(8, text.length);
  new Uint8Array(view.buffer).set(text, 9);
  return new Uint8Array(view.buffer);
}

/** An application packet (RFC 3550 6.7). */
export function applicationPacket(ssrc: number, name: string, subtype = 0): Uint8Array {
  const view = rtcpHeader(204, subtype, 12);
  view.setUint32(4, ssrc >>> 0);
  new Uint8Array(view.buffer).set(new TextEncoder().encode(name), 8);
  return new Uint8Array(view.buffer);
}

/** An extended report of whole blocks; by default one receiver reference time block (RFC 3611 4.4). */
export function extendedPacket(ssrc: number, ...blocks: Uint8Array[]): Uint8Array {
  const body = blocks.length === 0 ? [referenceTimeBlock(0)] : blocks;
  const view = rtcpHeader(207, 0, 8 + body.reduce((sum, block) => sum + block.length, 0));
  view.setUint32(4, ssrc >>> 0);
  let at = 8;
  for (const block of body) {
    new Uint8Array(view.buffer).set(block, at);
    at += block.length;
  }
  return new Uint8Array(view.buffer);
}

/** One extended report block from its type, its type-specific octet and the octets behind the header. */
export function xrBlock(type: number, specific: number, octets: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + Math.ceil(octets.length / 4) * 4);
  bytes.set([type, specific, 0, bytes.length / 4 - 1]);
  new DataView(bytes.buffer).setUint16(2, bytes.length / 4 - 1);
  bytes.set(octets, 4);
  return bytes;
}

/** Big-endian octets: `[width, value]` pairs, widths in octets. */
export function octets(...fields: [width: number, value: number][]): number[] {
  return fields.flatMap(([width, value]) =>
    Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** (width - 1 - i)) & 0xff),
  );
}

/** A receiver reference time block whose middle 32 bits are `key`. */
export function referenceTimeBlock(key: number): Uint8Array {
  return xrBlock(4, 0, octets([4, key >>> 16], [4, (key & 0xffff) * 65_536]));
}

/** A DLRR block with one sub-block. */
export function dlrrBlock(ssrc: number, lrr: number, dlrr: number): Uint8Array {
  return xrBlock(5, 0, octets([4, ssrc], [4, lrr], [4, dlrr]));
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
