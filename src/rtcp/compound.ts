import {
  type Application,
  type Goodbye,
  readApplication,
  readGoodbye,
  readSourceNames,
  type SourceName,
} from './description.ts';
import {
  RECEIVER_REPORT_HEAD,
  type RtcpReport,
  readReceiverReport,
  readSenderReport,
  SENDER_REPORT_HEAD,
} from './reports.ts';
import { hasEncryptedIndex, isClearIndex } from './srtcp.ts';
import { type ExtendedReport, parseExtendedReport } from './xr.ts';

/** RTCP packet types (RFC 3550 12.1, RFC 4585, RFC 3611). */
export const SENDER_REPORT = 200;
export const RECEIVER_REPORT = 201;
export const SOURCE_DESCRIPTION = 202;
export const GOODBYE = 203;
export const APPLICATION = 204;
export const TRANSPORT_FEEDBACK = 205;
export const PAYLOAD_FEEDBACK = 206;
export const EXTENDED_REPORT = 207;

/** The range that RFC 5761 keeps for RTCP. */
const FIRST_TYPE = 192;
const LAST_TYPE = 223;

/** More than fit into one Ethernet frame. */
const PACKETS_MAX = 256;

/**
 * Cheap look at a UDP payload: can it be RTCP? Version 2, a packet type RFC 5761 keeps away from RTP, and a first
 * length that fits. Packets cut by the snap length are judged by their length on the wire.
 */
export function looksLikeRtcp(data: DataView, start: number, captured: number, wire: number): boolean {
  if (captured < 8 || data.getUint8(start) >> 6 !== 2) return false;
  const type = data.getUint8(start + 1);
  if (type < SENDER_REPORT || type > EXTENDED_REPORT + 1) return false;
  const length = (data.getUint16(start + 2) + 1) * 4;
  if (length > wire) return false;
  if (type === SENDER_REPORT) return length >= SENDER_REPORT_HEAD;
  return length >= 8;
}

/**
 * Why a datagram could not be read to its end: `cut` by the snap length (what is kept was whole), `srtcp`
 * (encrypted: nothing but the first SSRC is readable), `unreadable` (damaged, or encrypted otherwise).
 */
export type CompoundFault = 'cut' | 'srtcp' | 'unreadable';

/** What one RTCP datagram holds. */
export interface RtcpCompound {
  /** SSRC of the sender of the first packet; readable even when encrypted. */
  sender: number;
  reports: RtcpReport[];
  /** Packet types in order, whatever they are. */
  types: number[];
  names: SourceName[];
  goodbyes: Goodbye[];
  applications: Application[];
  extended: ExtendedReport[];
  fault: CompoundFault | null;
}

/**
 * Walks a compound packet (RFC 3550 6.1, reduced size by RFC 5506). Every length must lead exactly to the next
 * packet and the last one to the end. When the snap length cut the datagram, the packets before the cut are kept if
 * a second header stands where the first length says; an encrypted datagram would not have one.
 *
 * @param captured octets that are there, at least 8; @param wire octets of the datagram
 */
export function parseCompound(data: DataView, start: number, captured: number, wire: number): RtcpCompound {
  const compound = emptyCompound(data.getUint32(start + 4));
  const end = start + captured;
  const wireEnd = start + wire;
  let offset = start;
  let headers = 0;
  let fits = true;
  while (fits && end - offset >= 4 && headers < PACKETS_MAX) {
    const type = data.getUint8(offset + 1);
    const next = offset + (data.getUint16(offset + 2) + 1) * 4;
    fits = data.getUint8(offset) >> 6 === 2 && type >= FIRST_TYPE && type <= LAST_TYPE && next <= wireEnd;
    if (!fits) break;
    headers++;
    if (next > end) break;
    readPacket(compound, data, offset, next, next === wireEnd);
    offset = next;
  }
  if (offset === end && captured === wire) return compound;
  if (captured < wire)
    return fits && headers > 1 ? faulty(compound, 'cut') : emptied(compound, cutFault(fits));
  if (offset > start && isClearIndex(data, offset, end)) return compound;
  // Of an encrypted datagram only the first header is readable.
  const encrypted = headers === 1 && hasEncryptedIndex(data, start, end);
  return emptied(compound, encrypted ? 'srtcp' : 'unreadable');
}

function cutFault(fits: boolean): CompoundFault {
  return fits ? 'cut' : 'unreadable';
}

function emptyCompound(sender: number): RtcpCompound {
  return {
    sender,
    reports: [],
    types: [],
    names: [],
    goodbyes: [],
    applications: [],
    extended: [],
    fault: null,
  };
}

/** Numbers read out of encrypted or damaged octets would be nonsense that looks like sense: none is kept. */
function emptied(compound: RtcpCompound, fault: CompoundFault): RtcpCompound {
  return { ...emptyCompound(compound.sender), types: compound.types, fault };
}

function faulty(compound: RtcpCompound, fault: CompoundFault): RtcpCompound {
  compound.fault = fault;
  return compound;
}

/** Reads one packet that is all there. Only the last of a datagram may be padded (RFC 3550 6.4.1). */
function readPacket(
  compound: RtcpCompound,
  data: DataView,
  offset: number,
  next: number,
  isLast: boolean,
): void {
  const first = data.getUint8(offset);
  const type = data.getUint8(offset + 1);
  const count = first & 0x1f;
  const padding = isLast && (first & 0x20) !== 0 ? data.getUint8(next - 1) : 0;
  const end = padding <= next - offset - 4 ? next - padding : next;
  const length = end - offset;
  compound.types.push(type);
  if (type === SENDER_REPORT && length >= SENDER_REPORT_HEAD) {
    compound.reports.push(readSenderReport(data, offset, end, count));
  } else if (type === RECEIVER_REPORT && length >= RECEIVER_REPORT_HEAD) {
    compound.reports.push(readReceiverReport(data, offset, end, count));
  } else if (type === SOURCE_DESCRIPTION) {
    compound.names.push(...readSourceNames(data, offset, end, count));
  } else if (type === GOODBYE) {
    compound.goodbyes.push(readGoodbye(data, offset, end, count));
  } else if (type === APPLICATION && length >= 12) {
    compound.applications.push(readApplication(data, offset, count));
  } else if (type === EXTENDED_REPORT && length >= 8) {
    compound.extended.push(parseExtendedReport(data, offset, end));
  }
}
