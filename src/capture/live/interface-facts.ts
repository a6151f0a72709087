import { endianness } from 'node:os';
import { IFF_PROMISC, IFF_RUNNING, IFF_UP, interfaceRequest, interfaceState } from './interface-state.ts';
import type { Libc } from './libc.ts';
import { hardwareTypeName, type LinkLayer, linkLayerOf } from './link-layer.ts';
import { systemText } from './system-text.ts';

/** What is known of an interface, for whoever judges it. `null` is what could not be found out. */
export interface InterfaceFacts {
  name: string;
  exists: boolean;
  /** Switched on; and with a carrier. */
  up: boolean | null;
  running: boolean | null;
  /** Does it take packets for other stations now, whoever asked for that? */
  promiscuous: boolean | null;
  mtu: number | null;
  /** ARPHRD number, and what it means. */
  hardwareType: number | null;
  hardwareName: string | null;
  link: LinkLayer | null;
  driver: string | null;
  /** Mbit/s. */
  speed: number | null;
  offloads: InterfaceOffloads;
  /** Packets that the card's receive queue holds, and could hold. */
  receiveRing: { size: number; max: number } | null;
  /** Counters of the interface since it was made. */
  received: ReceiveCounters | null;
}

/** What is done to packets before they can be captured. */
export interface InterfaceOffloads {
  /** Several packets of a flow glued together, by the kernel and by the card. */
  gro: boolean | null;
  lro: boolean | null;
  /** VLAN tags taken off. */
  rxVlan: boolean | null;
}

export interface ReceiveCounters {
  packets: number;
  bytes: number;
  errors: number;
  /** Dropped by the kernel: for want of memory, or because nobody wanted them. */
  dropped: number;
  /** Lost by the card because its queue was full. */
  fifo: number;
}

const SIOCETHTOOL = 0x8946;
const ETHTOOL_GDRVINFO = 0x03;
const ETHTOOL_GRINGPARAM = 0x10;
const ETHTOOL_GFLAGS = 0x25;
const ETHTOOL_GGRO = 0x2b;
const ETH_FLAG_RXVLAN = 1 << 8;
const ETH_FLAG_LRO = 1 << 15;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const LITTLE = endianness() === 'LE';
const NO_OFFLOADS: InterfaceOffloads = { gro: null, lro: null, rxVlan: null };

/** Finds out about an interface. Takes no rights; without koffi, little is known. */
export function interfaceFacts(name: string, libc: Libc | null): InterfaceFacts {
  const received = receiveCounters(systemText('/proc/self/net/dev') ?? '', name);
  const state = libc === null ? null : interfaceState(libc, name);
  const facts: InterfaceFacts = {
    name,
    exists: received !== null || state !== null,
    up: null,
    running: null,
    promiscuous: null,
    mtu: null,
    hardwareType: null,
    hardwareName: null,
    link: null,
    driver: null,
    speed: null,
    offloads: NO_OFFLOADS,
    receiveRing: null,
    received,
  };
  if (libc === null || state === null) return facts;
  return {
    ...facts,
    up: (state.flags & IFF_UP) !== 0,
    running: (state.flags & IFF_RUNNING) !== 0,
    mtu: state.mtu,
    hardwareType: state.hardwareType,
    hardwareName: hardwareTypeName(state.hardwareType),
    link: linkLayerOf(state.hardwareType),
    ...fromSysfs(name, libc),
    ...fromEthtool(name, libc),
  };
}

/** A line of `/proc/net/dev`; `null` when the interface has none. */
export function receiveCounters(text: string, name: string): ReceiveCounters | null {
  for (const line of text.split('\n')) {
    const colon = line.lastIndexOf(': ') < 0 ? line.indexOf(':') : line.lastIndexOf(': ');
    if (colon < 0 || line.slice(0, colon).trim() !== name) continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    const [bytes = 0, packets = 0, errors = 0, dropped = 0, fifo = 0] = fields;
    return { packets, bytes, errors, dropped, fifo };
  }
  return null;
}

/** Only there: whether anybody has made the interface promiscuous, and its speed. */
function fromSysfs(name: string, libc: Libc): Pick<InterfaceFacts, 'promiscuous' | 'speed'> {
  const folder = `/sys/class/net/${name}`;
  // The mounted /sys may be that of another network namespace.
  if (Number(systemText(`${folder}/ifindex`)) !== libc.if_nametoindex(name)) {
    return { promiscuous: null, speed: null };
  }
  const flags = Number(systemText(`${folder}/flags`) ?? Number.NaN);
  const speed = Number(systemText(`${folder}/speed`) ?? Number.NaN);
  return {
    promiscuous: Number.isNaN(flags) ? null : (flags & IFF_PROMISC) !== 0,
    speed: speed > 0 ? speed : null,
  };
}

function fromEthtool(name: string, libc: Libc): Pick<InterfaceFacts, 'driver' | 'offloads' | 'receiveRing'> {
  const descriptor = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return { driver: null, offloads: NO_OFFLOADS, receiveRing: null };
  try {
    const gro = ask(ETHTOOL_GGRO, 8);
    const flags = ask(ETHTOOL_GFLAGS, 8)?.getUint32(4, LITTLE);
    const ring = ask(ETHTOOL_GRINGPARAM, 36);
    const driver = ask(ETHTOOL_GDRVINFO, 196);
    return {
      driver: driver === null ? null : zeroEnded(new Uint8Array(driver.buffer, 4, 32)),
      offloads: {
        gro: gro === null ? null : gro.getUint32(4, LITTLE) !== 0,
        lro: flags === undefined ? null : (flags & ETH_FLAG_LRO) !== 0,
        rxVlan: flags === undefined ? null : (flags & ETH_FLAG_RXVLAN) !== 0,
      },
      receiveRing:
        ring === null ? null : { size: ring.getUint32(20, LITTLE), max: ring.getUint32(4, LITTLE) },
    };
  } finally {
    libc.close(descriptor);
  }

  /** One question of ethtool(8): its number, then the answer's fields (linux/ethtool.h). */
  function ask(command: number, length: number): DataView | null {
    const answer = new Uint8Array(new ArrayBuffer(length));
    const fields = new DataView(answer.buffer);
    fields.setUint32(0, command, LITTLE);
    const request = interfaceRequest(name);
    new DataView(request.buffer).setBigUint64(16, libc.address(answer), LITTLE);
    return libc.ioctl(descriptor, SIOCETHTOOL, request) < 0 ? null : fields;
  }
}

function zeroEnded(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end));
}
