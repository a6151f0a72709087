/** Small builders of headers around a payload, innermost first, for decoder tests. All lengths are right. */

function join(...parts: (readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255];

/** A UDP datagram (RFC 768), checksum zero. */
export function udp(srcPort: number, dstPort: number, payload: Uint8Array): Uint8Array {
  return join(u16(srcPort), u16(dstPort), u16(payload.length + 8), [0, 0], payload);
}

/** A TCP segment (RFC 9293) with `optionWords` words of no-operation options. */
export function tcp(
  srcPort: number,
  dstPort: number,
  sequence: number,
  payload: Uint8Array,
  optionWords = 0,
): Uint8Array {
  const sequenceBytes = [...u16(sequence >>> 16), ...u16(sequence)];
  const options = new Array<number>(optionWords * 4).fill(1);
  return join(
    u16(srcPort),
    u16(dstPort),
    sequenceBytes,
    [0, 0, 0, 0],
    [(5 + optionWords) << 4, 0x18],
    u16(1024),
    [0, 0, 0, 0],
    options,
    payload,
  );
}

export interface Ipv4Fields {
  protocol?: number;
  tos?: number;
  ttl?: number;
  optionWords?: number;
  /** Flags and fragment offset as one 16-bit number. */
  fragment?: number;
  totalLength?: number;
}

/** An IPv4 packet (RFC 791) from 192.0.2.1 to 198.51.100.7, checksum zero. */
export function ipv4(payload: Uint8Array, fields: Ipv4Fields = {}): Uint8Array {
  const { protocol = 17, tos = 0xb8, ttl = 63, optionWords = 0, fragment = 0 } = fields;
  const headerLength = 20 + optionWords * 4;
  const total = fields.totalLength ?? headerLength + payload.length;
  const options = new Array<number>(optionWords * 4).fill(1);
  return join(
    [0x40 | (headerLength / 4), tos],
    u16(total),
    [0, 9],
    u16(fragment),
    [ttl, protocol, 0, 0],
    [192, 0, 2, 1],
    [198, 51, 100, 7],
    options,
    payload,
  );
}

/** An IPv6 packet (RFC 8200) from 2001:db8::1 to 2001:db8::2; `headers` are [type, bytes] of extension headers. */
export function ipv6(
  payload: Uint8Array,
  protocol = 17,
  headers: readonly (readonly [number, number[]])[] = [],
): Uint8Array {
  const chain = headers.map(([, bytes], i) => [headers[i + 1]?.[0] ?? protocol, ...bytes.slice(1)]);
  const length = payload.length + chain.reduce((sum, bytes) => sum + bytes.length, 0);
  const address = (last: number): number[] => [
    0x20,
    0x01,
    0x0d,
    0xb8,
    ...new Array<number>(11).fill(0),
    last,
  ];
  return join(
    [0x6b, 0x80, 0, 0],
    u16(length),
    [headers[0]?.[0] ?? protocol, 62],
    address(1),
    address(2),
    chain.flat(),
    payload,
  );
}

/** An Ethernet frame with a stack of VLAN tags as [Ethertype, id]. */
export function ethernet(
  ethertype: number,
  payload: Uint8Array,
  tags: readonly (readonly [number, number])[] = [],
): Uint8Array {
  const stack = tags.flatMap(([type, id]) => [...u16(type), ...u16(0xa000 | id)]);
  return join(new Array<number>(12).fill(2), stack, u16(ethertype), payload);
}

/** Linux cooked v1 and v2 frames (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2). */
export function cooked(ethertype: number, payload: Uint8Array): Uint8Array {
  return join([0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0], u16(ethertype), payload);
}
export function cooked2(ethertype: number, payload: Uint8Array): Uint8Array {
  return join(u16(ethertype), [0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0], payload);
}

/** A BSD loopback frame: the address family as four octets, in the given order. */
export function loopback(family: number, payload: Uint8Array, littleEndian: boolean): Uint8Array {
  return join(littleEndian ? [family, 0, 0, 0] : [0, 0, 0, family], payload);
}
