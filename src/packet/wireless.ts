import { decodeSnap } from './ethernet.ts';
import { INSIDE_WIRELESS, inside } from './inside.ts';
import { REASON_ENCRYPTED, REASON_NOT_IP, REASON_TRUNCATED_LINK } from './reasons.ts';
import type { PacketView } from './view.ts';

const FROM_TO_DISTRIBUTION = 0x03;
const PROTECTED = 0x40;
const ORDER = 0x80;

/**
 * A data frame of IEEE 802.11 (9.3.2): frame control 2, duration 2, three addresses, sequence 2, a fourth address
 * between two access points, QoS control 2 and HT control 4 where there are any; then LLC and SNAP. All other frames,
 * encrypted ones, later fragments and aggregates of several frames hold nothing that could be decoded in place.
 */
export function decodeWireless(
  view: PacketView,
  data: DataView,
  start: number,
  end: number,
  padded: boolean,
): number {
  if (end - start < 24) return REASON_TRUNCATED_LINK;
  const control = data.getUint8(start);
  const flags = data.getUint8(start + 1);
  // Version 0, type 2 (data), and not a subtype without data (bit 0x40).
  if ((control & 0x0f) !== 0x08 || (control & 0x40) !== 0) return REASON_NOT_IP;
  if ((flags & PROTECTED) !== 0) return REASON_ENCRYPTED;
  if ((data.getUint8(start + 22) & 0x0f) !== 0) return REASON_NOT_IP;
  let head = (flags & FROM_TO_DISTRIBUTION) === FROM_TO_DISTRIBUTION ? 30 : 24;
  if ((control & 0x80) !== 0) {
    if (end - start < head + 2) return REASON_TRUNCATED_LINK;
    const aggregate = (data.getUint8(start + head) & 0x80) !== 0;
    if (aggregate) return REASON_NOT_IP;
    head += (flags & ORDER) !== 0 ? 6 : 2;
  }
  if (padded) head = (head + 3) & ~3;
  return decodeSnap(view, data, start + head, end);
}

const PRESENT_TIME = 0x01;
const PRESENT_FLAGS = 0x02;
const PRESENT_MORE = 0x8000_0000;
/** Flags of the radiotap field of that name. */
const DATA_PADDED = 0x20;
const BAD_CHECKSUM = 0x40;

/**
 * Radiotap (radiotap.org): version 0, pad, length 2, words of presence bits, fields; all little-endian. Only the
 * flags are read: they say whether padding follows the 802.11 header, and whether the frame arrived damaged.
 */
export function decodeRadiotap(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 8) return REASON_TRUNCATED_LINK;
  const length = data.getUint16(start + 2, true);
  if (data.getUint8(start) !== 0 || length < 8) return REASON_NOT_IP;
  if (end - start < length) return REASON_TRUNCATED_LINK;
  const present = data.getUint32(start + 4, true);
  let at = start + 8;
  for (let word = present; (word & PRESENT_MORE) !== 0 && at + 4 <= start + length; at += 4) {
    word = data.getUint32(at, true);
  }
  let flags = 0;
  if ((present & PRESENT_FLAGS) !== 0) {
    // The time is aligned to 8 octets from the start of the header.
    if ((present & PRESENT_TIME) !== 0) at = start + ((at - start + 7) & ~7) + 8;
    if (at < start + length) flags = data.getUint8(at);
  }
  if ((flags & BAD_CHECKSUM) !== 0) return REASON_NOT_IP;
  if ((flags & DATA_PADDED) !== 0) return decodeWireless(view, data, start + length, end, true);
  return inside(view, INSIDE_WIRELESS, start + length, end);
}
