/**
 * The RTP fixed header (RFC 3550 5.1), read in place into one reused object of plain numbers.
 *
 *     0                   1                   2                   3
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     |                           timestamp                           |
 *     |                             SSRC                              |
 *     |                    CSRC list, CC words                        |
 *     |      profile data             |       extension words         |  when X
 */
export class RtpHeader {
  payloadType = 0;
  /** 1 when the marker bit is set. */
  marker = 0;
  sequence = 0;
  /** Signed 32-bit image of the timestamp. */
  timestamp = 0;
  /** Signed 32-bit image of the SSRC. */
  ssrc = 0;
  payloadOffset = 0;
  /** Payload octets that were on the wire, without header and padding. */
  payloadLength = 0;
  /** Payload octets of these that were captured. */
  payloadCaptured = 0;
}

/**
 * Parses and validates one RTP header (RFC 3550 A.1 checks, RFC 5761 for payload types 72..76).
 *
 * A packet cut by the snap length is fine as long as its 12 fixed octets were captured: the rest is judged by its
 * length on the wire. Padding can only be read when the last octet was captured; cut packets count it as payload.
 *
 * @param start first octet of the UDP payload; `captured` octets of it were captured, `wire` were on the wire
 * @returns true when it is RTP; `out` holds the fields
 */
export function parseRtpHeader(
  out: RtpHeader,
  data: DataView,
  start: number,
  captured: number,
  wire: number,
): boolean {
  if (captured < 12) return false;
  const first = data.getUint8(start);
  if (first >> 6 !== 2) return false;
  const second = data.getUint8(start + 1);
  const payloadType = second & 0x7f;
  if (payloadType >= 72 && payloadType <= 76) return false;
  let headerLength = 12 + 4 * (first & 0x0f);
  if (headerLength > wire) return false;
  if ((first & 0x10) !== 0) {
    if (headerLength + 4 > wire) return false;
    if (headerLength + 4 <= captured) headerLength += 4 + 4 * data.getUint16(start + headerLength + 2);
    else headerLength += 4;
    if (headerLength > wire) return false;
  }
  let padding = 0;
  if ((first & 0x20) !== 0 && captured >= wire) {
    padding = data.getUint8(start + wire - 1);
    if (padding === 0 || padding > wire - headerLength) return false;
  }
  out.payloadType = payloadType;
  out.marker = second >> 7;
  out.sequence = data.getUint16(start + 2);
  out.timestamp = data.getInt32(start + 4);
  out.ssrc = data.getInt32(start + 8);
  out.payloadOffset = start + headerLength;
  out.payloadLength = wire - headerLength - padding;
  const available = captured - headerLength;
  out.payloadCaptured = available < 0 ? 0 : Math.min(available, out.payloadLength);
  return true;
}
