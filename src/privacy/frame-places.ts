/** Where the headers of a frame lie that may be rewritten; offsets in the frame. */
export interface Places {
  /** Ethernet addresses. */
  macs: readonly number[];
  ip: number;
  version: 4 | 6;
  protocol: number;
  /** The transport header; of a later fragment, its data. */
  transport: number;
  isFragment: boolean;
}

const ETHERNET = 1;
const COOKED = 113;
const COOKED_2 = 276;
const RAW = new Set([12, 14, 101, 228, 229]);
const LOOPBACK = new Set([0, 108]);
const VLAN_TAGS = new Set([0x8100, 0x88a8, 0x9100]);

/** Finds the headers of a frame without tunnels; null where there are others, or none. */
export function placesOf(bytes: Uint8Array, octets: number, linkType: number): Places | null {
  const link = linkOf(bytes, octets, linkType);
  if (link === null || octets - link.ip < 20) return null;
  const version = bytes[link.ip]! >> 4;
  if (version === 4) return ipv4Places(bytes, octets, link);
  return version === 6 ? ipv6Places(bytes, octets, link) : null;
}

interface Link {
  ip: number;
  macs: readonly number[];
}

function linkOf(bytes: Uint8Array, octets: number, linkType: number): Link | null {
  if (RAW.has(linkType)) return { ip: 0, macs: [] };
  if (LOOPBACK.has(linkType)) return { ip: 4, macs: [] };
  if (linkType === COOKED) return octets < 16 ? null : { ip: 16, macs: bytes[5] === 6 ? [6] : [] };
  if (linkType === COOKED_2) return octets < 20 ? null : { ip: 20, macs: bytes[11] === 6 ? [12] : [] };
  if (linkType !== ETHERNET) return null;
  let at = 12;
  for (let tags = 0; tags < 4 && at + 2 <= octets; tags++) {
    const type = bytes[at]! * 256 + bytes[at + 1]!;
    if (type === 0x0800 || type === 0x86dd) return { ip: at + 2, macs: [0, 6] };
    if (!VLAN_TAGS.has(type)) return null;
    at += 4;
  }
  return null;
}

function ipv4Places(bytes: Uint8Array, octets: number, { ip, macs }: Link): Places | null {
  const transport = ip + (bytes[ip]! & 15) * 4;
  if (transport < ip + 20 || transport > octets) return null;
  const fragment = (bytes[ip + 6]! & 0x3f) * 256 + bytes[ip + 7]!;
  return { macs, ip, version: 4, protocol: bytes[ip + 9]!, transport, isFragment: fragment !== 0 };
}

function ipv6Places(bytes: Uint8Array, octets: number, { ip, macs }: Link): Places | null {
  const transport = ip + 40;
  if (transport > octets) return null;
  const protocol = bytes[ip + 6]!;
  if (protocol === 44)
    return { macs, ip, version: 6, protocol: bytes[transport]!, transport: transport + 8, isFragment: true };
  return { macs, ip, version: 6, protocol, transport, isFragment: false };
}
