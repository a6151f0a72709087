import {
  acceptAll,
  BPF_AND,
  BPF_JEQ,
  BPF_JGE,
  BPF_JSET,
  BPF_LDB,
  BPF_LDH,
  BPF_LDH_X,
  BPF_LDX_MSH,
  BPF_RET,
  type BpfInstruction,
  BpfWriter,
} from './bpf.ts';
import { LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL, LINKTYPE_RAW } from './link-layer.ts';

/** The ports behind which voice and what belongs to it is looked for. */
export interface VoicePorts {
  /** UDP from or to a port from here on passes. */
  udpFrom: number;
  /** Signalling, over UDP and TCP. */
  sip: readonly number[];
  /** UDP ports below `udpFrom` that carry packets within packets. */
  tunnels: readonly number[];
}

export const DEFAULT_VOICE_PORTS: VoicePorts = {
  udpFrom: 1024,
  sip: [5060, 5061],
  tunnels: [],
};

const DLT_RAW = 12;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** Tags, labels and PPPoE: what is in them is not looked at here. */
const WRAPPED = [0x8100, 0x88a8, 0x9100, 0x8847, 0x8848, 0x8864];
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

/**
 * The filter for a probe, without libpcap: UDP from or to any port from `udpFrom` on, SIP over UDP and TCP, fragments,
 * whatever is in VLAN tags, MPLS labels and PPPoE, and all of IP that is neither UDP nor TCP (tunnels, ICMP). Kept out is what
 * there may be much of: TCP on other ports, UDP between low ports, everything that is not IP.
 *
 * @param linkType what packets begin with; of types other than Ethernet, "Linux cooked" and raw IP everything passes
 * @param snapLength octets to capture of each packet
 */
export function voiceFilter(ports: VoicePorts, linkType: number, snapLength: number): BpfInstruction[] {
  const writer = new BpfWriter();
  let network: number;
  if (linkType === LINKTYPE_ETHERNET || linkType === LINKTYPE_LINUX_SLL) {
    network = linkType === LINKTYPE_ETHERNET ? 14 : 16;
    writer.add(BPF_LDH, network - 2);
    writer.jump(BPF_JEQ, ETHERTYPE_IPV4, 'ipv4');
    writer.jump(BPF_JEQ, ETHERTYPE_IPV6, 'ipv6');
    for (const type of WRAPPED) writer.jump(BPF_JEQ, type, 'pass early');
  } else if (linkType === LINKTYPE_RAW || linkType === DLT_RAW) {
    network = 0;
    writer.add(BPF_LDB, 0);
    writer.add(BPF_AND, 0xf0);
    writer.jump(BPF_JEQ, 0x40, 'ipv4');
    writer.jump(BPF_JEQ, 0x60, 'ipv6');
  } else {
    return acceptAll(snapLength);
  }
  writer.add(BPF_RET, 0);
  writer.label('pass early');
  writer.add(BPF_RET, snapLength);
  writeIpv6(writer, ports, network, snapLength);
  writeIpv4(writer, ports, network, snapLength);
  return writer.program();
}

function writeIpv4(writer: BpfWriter, ports: VoicePorts, network: number, snapLength: number): void {
  writer.label('ipv4');
  writer.add(BPF_LDH, network + 6);
  writer.jump(BPF_JSET, MORE_FRAGMENTS_OR_OFFSET, 'pass');
  writer.add(BPF_LDX_MSH, network);
  writer.add(BPF_LDB, network + 9);
  writer.jump(BPF_JEQ, PROTOCOL_TCP, 'tcp4');
  writer.jump(BPF_JEQ, PROTOCOL_UDP, null, 'pass');
  writePorts(writer, BPF_LDH_X, network, ports, 'udp', 'pass');
  writer.add(BPF_RET, 0);
  writer.label('tcp4');
  writePorts(writer, BPF_LDH_X, network, ports, 'tcp', 'pass');
  writer.add(BPF_RET, 0);
  writer.label('pass');
  writer.add(BPF_RET, snapLength);
}

function writeIpv6(writer: BpfWriter, ports: VoicePorts, network: number, snapLength: number): void {
  writer.label('ipv6');
  writer.add(BPF_LDB, network + 6);
  writer.jump(BPF_JEQ, PROTOCOL_TCP, 'tcp6');
  writer.jump(BPF_JEQ, PROTOCOL_UDP, null, 'pass6');
  writePorts(writer, BPF_LDH, network + 40, ports, 'udp', 'pass6');
  writer.add(BPF_RET, 0);
  writer.label('tcp6');
  writePorts(writer, BPF_LDH, network + 40, ports, 'tcp', 'pass6');
  writer.add(BPF_RET, 0);
  writer.label('pass6');
  writer.add(BPF_RET, snapLength);
}

/** Source and destination port, each against the list. */
function writePorts(
  writer: BpfWriter,
  load: number,
  transport: number,
  { udpFrom, sip, tunnels }: VoicePorts,
  protocol: 'udp' | 'tcp',
  pass: string,
): void {
  for (const port of [0, 2]) {
    writer.add(load, transport + port);
    if (protocol === 'udp') writer.jump(BPF_JGE, udpFrom, pass);
    const listed = protocol === 'udp' ? [...sip, ...tunnels] : sip;
    for (const number of listed) writer.jump(BPF_JEQ, number, pass);
  }
}
