import type { PacketView } from '../packet/view.ts';
import { hashAddresses } from '../rtp/key-index.ts';
import type { RtpMeter } from '../rtp/meter.ts';
import type { ShedStreams } from '../rtp/shed-streams.ts';
import { NOT_TAKEN, TAKEN_TO_LOOK_AT, takeNext } from '../rtp/steady.ts';

/** Ethernet, IPv4 without options, UDP and RTP without anything beside its twelve octets. */
const HEADERS = 14 + 20 + 8 + 12;
const IPV4_WITHOUT_OPTIONS = 0x080045;
const NO_FRAGMENT_OF_UDP = 17;
const PLAIN_RTP = 0x80;

/**
 * The lane for nearly every packet of a trunk: an untagged, whole Ethernet frame with the next RTP packet of a steady
 * stream, or one of a stream that is left out. It is recognised by its octets where they lie and measured without being
 * taken apart; everything else goes the ordinary way, which would have come to the same.
 *
 * @param length octets captured
 * @param view has the capture time; nothing else of it is used
 * @returns whether the packet was taken. If not, nothing has changed.
 */
export function takeFastLane(
  meter: RtpMeter,
  shed: ShedStreams,
  data: DataView,
  start: number,
  length: number,
  view: PacketView,
): boolean {
  if (length < HEADERS) return false;
  // Ethertype, version and header length, TOS.
  const network = data.getInt32(start + 12);
  if (network >>> 8 !== IPV4_WITHOUT_OPTIONS) return false;
  const totalLength = data.getUint16(start + 16);
  // Flags and fragment offset, TTL, protocol.
  const transport = data.getInt32(start + 20);
  if (length < 14 + totalLength || (transport & 0x3fff00ff) !== NO_FRAGMENT_OF_UDP) return false;
  const octets = totalLength - (HEADERS - 14);
  if (octets <= 0 || data.getUint16(start + 38) !== totalLength - 20) return false;
  // Version, padding, extension, CSRC count; marker and payload type; sequence number.
  const rtp = data.getInt32(start + 42);
  if (rtp >>> 24 !== PLAIN_RTP) return false;
  const src = data.getInt32(start + 26);
  const dst = data.getInt32(start + 30);
  const ports = data.getInt32(start + 34);
  const ssrc = data.getInt32(start + 50);
  const { table } = meter;
  const slot = table.keys.findIpv4(src, dst, ports, ssrc);
  if (slot < 0) return shed.streams > 0 && shed.holds(hashAddresses(src, dst, ports, ssrc), view.timeUs);
  const mark = ((network & 0xff) << 24) | (((transport >>> 8) & 0xff) << 16);
  const ident = data.getUint16(start + 18);
  const print = ident !== 0 ? ident : data.getUint16(start + 40) || 1;
  const timestamp = data.getInt32(start + 46);
  const kind = (rtp >>> 16) & 0xff;
  const taken = takeNext(table, slot, rtp & 0xffff, timestamp, kind, octets, mark, print, view);
  if (taken === TAKEN_TO_LOOK_AT) meter.lookAt(slot, data, start + HEADERS, octets, octets, view.timeUs);
  return taken !== NOT_TAKEN;
}
