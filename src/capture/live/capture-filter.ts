import { acceptAll, type BpfInstruction } from './bpf.ts';
import { openLibpcap } from './libpcap.ts';
import { LINKTYPE_RAW } from './link-layer.ts';
import { LiveCaptureError } from './live-source.ts';
import { type VoicePorts, voiceFilter } from './voice-filter.ts';

/**
 * What to let in: an expression of pcap-filter(7), for which libpcap has to be installed, or the ports of voice, for which
 * not. An expression sees packets as the kernel hands them over: without the outermost VLAN tag, which it has taken off.
 */
export type CaptureFilter = { expression: string } | { ports: VoicePorts };

const DLT_RAW = 12;
const NETMASK_UNKNOWN = 0xffffffff;
const INSTRUCTION_BYTES = 8;

/**
 * The filter as a program for the kernel, for interfaces of a link type.
 *
 * @param linkType DLT of what the program gets to see
 * @param snapLength octets to capture of each packet
 * @throws {LiveCaptureError} `bad_filter`, `library_missing`
 */
export function filterProgram(
  filter: CaptureFilter | undefined,
  linkType: number,
  snapLength: number,
): BpfInstruction[] {
  if (filter === undefined) return acceptAll(snapLength);
  if ('ports' in filter) return voiceFilter(filter.ports, linkType, snapLength);
  return compile(filter.expression, linkType, snapLength);
}

function compile(expression: string, linkType: number, snapLength: number): BpfInstruction[] {
  const libpcap = openLibpcap();
  if (libpcap === null) {
    throw new LiveCaptureError(
      'library_missing',
      'a filter expression needs libpcap (apt-get install libpcap0.8) and koffi; without a filter, or with ports, it goes without',
    );
  }
  // A link type of a file, where the same has another number among those of this system.
  const handle = libpcap.pcap_open_dead(linkType === LINKTYPE_RAW ? DLT_RAW : linkType, snapLength);
  if (handle === null) throw new LiveCaptureError('failed', 'libpcap has no memory to compile a filter');
  const compiled = new Uint8Array(new ArrayBuffer(16));
  try {
    if (libpcap.pcap_compile(handle, compiled, expression, 1, NETMASK_UNKNOWN) < 0) {
      throw new LiveCaptureError('bad_filter', badFilter(expression, libpcap.pcap_geterr(handle)));
    }
    const fields = new DataView(compiled.buffer);
    const count = fields.getUint32(0, true);
    const code = new DataView(libpcap.view(fields.getBigUint64(8, true), count * INSTRUCTION_BYTES));
    const program = Array.from({ length: count }, (_, i) => ({
      code: code.getUint16(8 * i, true),
      jt: code.getUint8(8 * i + 2),
      jf: code.getUint8(8 * i + 3),
      k: code.getUint32(8 * i + 4, true),
    }));
    libpcap.pcap_freecode(compiled);
    return program;
  } finally {
    libpcap.pcap_close(handle);
  }
}

/** What to say of an expression that libpcap refuses. */
export function badFilter(expression: string, reason: string): string {
  return `the filter "${expression}" cannot be used: ${reason}; see man 7 pcap-filter`;
}
