/** A capture reader of the tests' own: shares nothing with the generator, checks every length and checksum. */
export interface ReadPacket {
  /** ns after the Unix epoch. */
  timeNs: bigint;
  /** Outermost first: ether type of the tag and id. */
  vlans: [etherType: number, id: number][];
  ipVersion: number;
  protocol: number;
  dscp: number;
  ttl: number;
  ident: number;
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  /** TCP only. */
  tcp: { seq: number; ack: number; flags: number } | null;
  /** The checksum of the transport was there and right; false when UDP says 0. */
  checksummed: boolean;
  payload: Uint8Array;
}

export interface ReadRtp {
  packet: ReadPacket;
  key: string;
  payloadType: number;
  marker: boolean;
  seq: number;
  timestamp: number;
  ssrc: number;
  payload: Uint8Array;
}

/** Every packet of a little-endian Ethernet pcap. Throws when anything in it is inconsistent. */
export function readCapture(file: Uint8Array): ReadPacket[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0, true);
  const unit = { 2712847316: 1000n, 2712812621: 1n }[magic];
  if (unit === undefined) throw new Error(`magic ${magic.toString(16)}`);
  if (view.getUint16(4, true) !== 2 || view.getUint16(6, true) !== 4) throw new Error('version');
  if (view.getUint32(20, true) !== 1) throw new Error('not Ethernet');
  const packets: ReadPacket[] = [];
  let at = 24;
  while (at < file.length) {
    const fraction = view.getUint32(at + 4, true);
    if (BigInt(fraction) * unit >= 1_000_000_000n) throw new Error(`fraction ${fraction}`);
    const length = view.getUint32(at + 8, true);
    if (length !== view.getUint32(at + 12, true)) throw new Error('cut short');
    const timeNs = BigInt(view.getUint32(at, true)) * 1_000_000_000n + BigInt(fraction) * unit;
    packets.push(readFrame(file.subarray(at + 16, at + 16 + length), timeNs));
    at += 16 + length;
  }
  if (at !== file.length) throw new Error('trailing octets');
  return packets;
}

/** The sum over a whole checksummed area, checksum included, is 0xffff (RFC 1071). */
function adds(...parts: (Uint8Array | number[])[]): number {
  const octets = parts.flatMap((part) => [...part]);
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) sum += octets[i]! * 256 + (octets[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum % 65536) + Math.floor(sum / 65536);
  return sum;
}

function readFrame(frame: Uint8Array, timeNs: bigint): ReadPacket {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const vlans: [number, number][] = [];
  let at = 12;
  while (view.getUint16(at) === 0x8100 || view.getUint16(at) === 0x88a8) {
    vlans.push([view.getUint16(at), view.getUint16(at + 2)]);
    at += 4;
  }
  const etherType = view.getUint16(at);
  const ip = frame.subarray(at + 2);
  const head = new DataView(ip.buffer, ip.byteOffset, ip.byteLength);
  const isV4 = etherType === 0x0800;
  if (!isV4 && etherType !== 0x86dd) throw new Error(`ether type ${etherType}`);
  const length = isV4 ? head.getUint16(2) : 40 + head.getUint16(4);
  if (length !== ip.length) throw new Error('IP length');
  if (isV4 && adds(ip.subarray(0, 20)) !== 0xffff) throw new Error('IP checksum');
  const [src, dst] = isV4
    ? [ip.subarray(12, 16), ip.subarray(16, 20)]
    : [ip.subarray(8, 24), ip.subarray(24, 40)];
  const protocol = isV4 ? ip[9]! : ip[6]!;
  const segment = ip.subarray(isV4 ? 20 : 40);
  const transport = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const pseudo = [...src, ...dst, 0, protocol, segment.length >> 8, segment.length & 255];
  const isTcp = protocol === 6;
  if (!isTcp && transport.getUint16(4) !== segment.length) throw new Error('UDP length');
  const checksummed = isTcp || transport.getUint16(6) !== 0;
  if (checksummed && adds(pseudo, segment) !== 0xffff) throw new Error('transport checksum');
  const text = (octets: Uint8Array): string =>
    isV4 ? octets.join('.') : Buffer.from(octets).toString('hex');
  return {
    timeNs,
    vlans,
    protocol,
    checksummed,
    ipVersion: ip[0]! >> 4,
    dscp: isV4 ? ip[1]! >> 2 : (head.getUint16(0) >> 6) & 63,
    ttl: isV4 ? ip[8]! : ip[7]!,
    ident: isV4 ? head.getUint16(4) : 0,
    src: text(src),
    dst: text(dst),
    srcPort: transport.getUint16(0),
    dstPort: transport.getUint16(2),
    tcp: isTcp ? { seq: transport.getUint32(4), ack: transport.getUint32(8), flags: segment[13]! } : null,
    payload: segment.subarray(isTcp ? (segment[12]! >> 4) * 4 : 8),
  };
}

/** The RTP packets, by the generator's port rule: even ports from 10000 on carry media. */
export function readRtp(packets: readonly ReadPacket[]): ReadRtp[] {
  const found = packets.filter(
    (p) =>
      p.protocol === 17 &&
      p.dstPort >= 10_000 &&
      p.dstPort % 2 === 0 &&
      p.srcPort % 2 === 0 &&
      p.payload[0] === 0x80,
  );
  return found
    .filter((p) => p.payload[1]! < 200 || p.payload[1]! > 207)
    .map((packet) => {
      const view = new DataView(packet.payload.buffer, packet.payload.byteOffset, packet.payload.byteLength);
      const ssrc = view.getUint32(8);
      return {
        packet,
        ssrc,
        key: `${packet.src}:${packet.srcPort}>${packet.dst}:${packet.dstPort}/${ssrc}`,
        payloadType: view.getUint8(1) & 127,
        marker: view.getUint8(1) >= 128,
        seq: view.getUint16(2),
        timestamp: view.getUint32(4),
        payload: packet.payload.subarray(12),
      };
    });
}

/** The SIP messages of the UDP packets on port 5060, as text. */
export function readSip(packets: readonly ReadPacket[]): { packet: ReadPacket; text: string }[] {
  return packets
    .filter((p) => p.protocol === 17 && (p.srcPort === 5060 || p.dstPort === 5060))
    .map((packet) => ({ packet, text: new TextDecoder().decode(packet.payload) }));
}
