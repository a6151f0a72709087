/** IP fragments as a router (RFC 791 3.2) or a sender (RFC 8200 4.5) makes them. */
import { join, u16, u32 } from './headers.ts';

/** The headers of one fragment and its part of the data. */
function fragmentOf4(packet: Uint8Array, offset: number, data: Uint8Array, more: boolean): Uint8Array {
  const out = join(packet.subarray(0, 20), data);
  out.set(u16(out.length), 2);
  out.set(u16((more ? 0x2000 : 0) | (offset / 8)), 6);
  out.set([0, 0], 10);
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += (out[i]! << 8) | out[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  out.set(u16(~sum & 0xffff), 10);
  return out;
}

function fragmentOf6(
  packet: Uint8Array,
  id: number,
  offset: number,
  data: Uint8Array,
  more: boolean,
): Uint8Array {
  const header = join([packet[6]!, 0], u16(offset | (more ? 1 : 0)), u32(id));
  const out = join(packet.subarray(0, 40), header, data);
  out[6] = 44;
  out.set(u16(header.length + data.length), 4);
  return out;
}

/**
 * Cuts an IP packet (without IPv4 options) into fragments that carry at most `size` octets, a multiple of 8; a packet
 * that fits stays as it is. `id` identifies the datagram.
 */
export function fragments(packet: Uint8Array, size: number, id: number): Uint8Array[] {
  const four = packet[0]! >> 4 === 4;
  const head = four ? 20 : 40;
  const data = packet.subarray(head);
  if (data.length <= size) return [packet];
  const named = Uint8Array.from(packet);
  if (four) named.set(u16(id), 4);
  const out: Uint8Array[] = [];
  for (let offset = 0; offset < data.length; offset += size) {
    const part = data.subarray(offset, offset + size);
    const more = offset + size < data.length;
    out.push(four ? fragmentOf4(named, offset, part, more) : fragmentOf6(named, id, offset, part, more));
  }
  return out;
}

/** The same for the IP packet in an untagged Ethernet frame. */
export function frameFragments(frame: Uint8Array, size: number, id: number): Uint8Array[] {
  return fragments(frame.subarray(14), size, id).map((packet) => join(frame.subarray(0, 14), packet));
}
