/**
 * Writers of capture files in memory, for tests: as little code as the formats allow, independent of the readers
 * under test, and able to write what is wrong on purpose.
 */

/** A packet as the writers take it. */
export interface WrittenPacket {
  data: Uint8Array;
  /** Bytes on the wire; default as many as there are. */
  original?: number;
  /** Bytes that the header claims; default as many as there are. */
  claimed?: number;
}

/** Fields in the byte order given: `u(value, bytes)`. */
type Field = readonly [value: number | bigint, bytes: 1 | 2 | 4 | 8];

/** Encodes integer fields one after the other. */
export function fields(littleEndian: boolean, ...list: Field[]): Uint8Array {
  const bytes = new Uint8Array(list.reduce((sum, [, size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, size] of list) {
    if (size === 1) view.setUint8(at, Number(value));
    if (size === 2) view.setUint16(at, Number(value), littleEndian);
    if (size === 4) view.setUint32(at, Number(value), littleEndian);
    if (size === 8) view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)), littleEndian);
    at += size;
  }
  return bytes;
}

/** Joins byte strings. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** `count` bytes of a recognisable pattern. */
export function pattern(count: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => (index * 7 + seed) & 0xff);
}

/** How a pcap file is written. */
export interface PcapShape {
  littleEndian?: boolean;
  /** Default 0xa1b2c3d4, microseconds. */
  magic?: number;
  linkType?: number;
  snaplen?: number;
  version?: readonly [major: number, minor: number];
}

/** A pcap record: header and data. `fraction` is in the file's own sub-second unit. */
export interface PcapRecord extends WrittenPacket {
  seconds: number;
  fraction: number;
}

/** A whole pcap file. The modified magic 0xa1b2cd34 gets its 24-byte record headers. */
export function pcapFile(shape: PcapShape, records: readonly PcapRecord[]): Uint8Array {
  const le = shape.littleEndian ?? true;
  const magic = shape.magic ?? 0xa1b2c3d4;
  const [major, minor] = shape.version ?? [2, 4];
  const header = fields(
    le,
    [magic, 4],
    [major, 2],
    [minor, 2],
    [0, 4],
    [0, 4],
    [shape.snaplen ?? 262144, 4],
    [shape.linkType ?? 1, 4],
  );
  const parts = [header];
  for (const { seconds, fraction, data, original, claimed } of records) {
    const length = claimed ?? data.length;
    parts.push(fields(le, [seconds, 4], [fraction, 4], [length, 4], [original ?? length, 4]));
    if (magic === 0xa1b2cd34) parts.push(fields(le, [3, 4], [0x800, 2], [0, 1], [0, 1]));
    parts.push(data);
  }
  return concat(...parts);
}

/** A pcapng block around a body, which is padded to 4 bytes. `length` and `trailer` can be falsified. */
export function block(
  littleEndian: boolean,
  type: number,
  body: Uint8Array,
  wrong: { length?: number; trailer?: number } = {},
): Uint8Array {
  const padded = concat(body, new Uint8Array(-body.length & 3));
  const length = wrong.length ?? padded.length + 12;
  return concat(
    fields(littleEndian, [type, 4], [length, 4]),
    padded,
    fields(littleEndian, [wrong.trailer ?? length, 4]),
  );
}

/** A pcapng option, padded. */
export function option(littleEndian: boolean, code: number, value: Uint8Array): Uint8Array {
  const head = fields(littleEndian, [code, 2], [value.length, 2]);
  return concat(head, value, new Uint8Array(-value.length & 3));
}

/** A section header block. */
export function section(
  littleEndian: boolean,
  options: Uint8Array = new Uint8Array(0),
  major = 1,
): Uint8Array {
  const body = fields(littleEndian, [0x1a2b3c4d, 4], [major, 2], [0, 2], [-1n, 8]);
  return block(littleEndian, 0x0a0d0d0a, concat(body, options));
}

/** What an interface description says. */
export interface InterfaceShape {
  linkType?: number;
  snaplen?: number;
  /** if_tsresol byte; no option when absent. */
  resolution?: number;
  /** if_tsoffset, seconds; no option when absent. */
  offsetSeconds?: bigint;
  /** More options, before the others. */
  options?: Uint8Array;
}

/** An interface description block. */
export function interfaceBlock(littleEndian: boolean, shape: InterfaceShape = {}): Uint8Array {
  const parts = [fields(littleEndian, [shape.linkType ?? 1, 2], [0, 2], [shape.snaplen ?? 0, 4])];
  if (shape.options !== undefined) parts.push(shape.options);
  if (shape.resolution !== undefined) {
    parts.push(option(littleEndian, 9, Uint8Array.of(shape.resolution)));
  }
  if (shape.offsetSeconds !== undefined) {
    parts.push(option(littleEndian, 14, fields(littleEndian, [shape.offsetSeconds, 8])));
  }
  if (parts.length > 1) parts.push(option(littleEndian, 0, new Uint8Array(0)));
  return block(littleEndian, 1, concat(...parts));
}

/** A packet of an interface at a time in the interface's own ticks. */
export interface PcapngPacket extends WrittenPacket {
  interfaceId?: number;
  ticks?: bigint;
  options?: Uint8Array;
  /** Packets lost before it, by the block of old; default 0xffff, not known. */
  lost?: number;
}

function packetBody(littleEndian: boolean, head: Uint8Array, packet: PcapngPacket): Uint8Array {
  const ticks = packet.ticks ?? 0n;
  const length = packet.claimed ?? packet.data.length;
  return concat(
    head,
    fields(
      littleEndian,
      [ticks >> 32n, 4],
      [ticks & 0xffffffffn, 4],
      [length, 4],
      [packet.original ?? length, 4],
    ),
    packet.data,
    new Uint8Array(-packet.data.length & 3),
    packet.options ?? new Uint8Array(0),
  );
}

/** An enhanced packet block. */
export function enhancedPacket(littleEndian: boolean, packet: PcapngPacket): Uint8Array {
  const head = fields(littleEndian, [packet.interfaceId ?? 0, 4]);
  return block(littleEndian, 6, packetBody(littleEndian, head, packet));
}

/** The option of an enhanced packet that says how many were lost before it, and the end of options. */
export function dropCount(littleEndian: boolean, lost: bigint): Uint8Array {
  return concat(option(littleEndian, 4, fields(littleEndian, [lost, 8])), new Uint8Array(4));
}

/** The packet block of old, type 2. */
export function oldPacket(littleEndian: boolean, packet: PcapngPacket): Uint8Array {
  const head = fields(littleEndian, [packet.interfaceId ?? 0, 2], [packet.lost ?? 0xffff, 2]);
  return block(littleEndian, 2, packetBody(littleEndian, head, packet));
}

/** A simple packet block: no interface, no time. */
export function simplePacket(littleEndian: boolean, packet: WrittenPacket): Uint8Array {
  const original = fields(littleEndian, [packet.original ?? packet.data.length, 4]);
  return block(littleEndian, 3, concat(original, packet.data));
}

/** What an interface statistics block says. */
export interface StatisticsShape {
  /** When, in ticks of the interface; default 0. */
  ticks?: bigint;
  /** When the capture ended; no option when absent, nor for the counters. */
  endTicks?: bigint;
  byInterface?: bigint;
  bySystem?: bigint;
  delivered?: bigint;
}

/** An interface statistics block. */
export function statistics(littleEndian: boolean, interfaceId: number, shape: StatisticsShape): Uint8Array {
  const words = (ticks: bigint) => fields(littleEndian, [ticks >> 32n, 4], [ticks & 0xffffffffn, 4]);
  const parts = [fields(littleEndian, [interfaceId, 4]), words(shape.ticks ?? 0n)];
  if (shape.endTicks !== undefined) parts.push(option(littleEndian, 3, words(shape.endTicks)));
  parts.push(option(littleEndian, 4, fields(littleEndian, [1000n, 8])));
  for (const [code, value] of [
    [5, shape.byInterface],
    [7, shape.bySystem],
    [8, shape.delivered],
  ] as const) {
    if (value !== undefined) parts.push(option(littleEndian, code, fields(littleEndian, [value, 8])));
  }
  return block(littleEndian, 5, concat(...parts));
}

/** A decryption secrets block; `kind` is "TLSK" unless told otherwise. */
export function secretsBlock(
  littleEndian: boolean,
  secrets: Uint8Array,
  shape: { kind?: number; claimed?: number } = {},
): Uint8Array {
  const head = fields(littleEndian, [shape.kind ?? 0x544c534b, 4], [shape.claimed ?? secrets.length, 4]);
  return block(littleEndian, 10, concat(head, secrets, new Uint8Array(-secrets.length & 3)));
}
