/** The name a source gives itself (RFC 3550 6.5.1). */
export interface SourceName {
  ssrc: number;
  cname: string;
}

/** Sources that left, and why if they said so (RFC 3550 6.6). */
export interface Goodbye {
  ssrcs: number[];
  reason: string | null;
}

/** An application-defined packet (RFC 3550 6.7): only that it was there. */
export interface Application {
  ssrc: number;
  subtype: number;
  /** Four characters. */
  name: string;
}

const CNAME = 1;

/** The longest text kept; the wire allows 255 octets. */
const TEXT_MAX = 128;

const utf8 = new TextDecoder('utf-8');

/** Reads the CNAME of each chunk of a source description (RFC 3550 6.5); other items are passed over. */
export function readSourceNames(data: DataView, offset: number, end: number, count: number): SourceName[] {
  const names: SourceName[] = [];
  let at = offset + 4;
  for (let chunk = 0; chunk < count && at + 4 <= end; chunk++) {
    const ssrc = data.getUint32(at);
    at += 4;
    while (at + 2 <= end && data.getUint8(at) !== 0) {
      const length = data.getUint8(at + 1);
      if (at + 2 + length > end) return names;
      if (data.getUint8(at) === CNAME) names.push({ ssrc, cname: readText(data, at + 2, length) });
      at += 2 + length;
    }
    // At least one zero octet ends the chunk, and more fill its last word.
    at += 4 - ((at - offset) & 3);
  }
  return names;
}

/** Reads a goodbye (RFC 3550 6.6): the sources that fit, then a reason if there is one. */
export function readGoodbye(data: DataView, offset: number, end: number, count: number): Goodbye {
  const ssrcs: number[] = [];
  let at = offset + 4;
  for (; ssrcs.length < count && at + 4 <= end; at += 4) ssrcs.push(data.getUint32(at));
  const length = at < end ? data.getUint8(at) : 0;
  const whole = length > 0 && at + 1 + length <= end;
  return { ssrcs, reason: whole ? readText(data, at + 1, length) : null };
}

/** Reads the head of an application-defined packet of at least 12 octets. */
export function readApplication(data: DataView, offset: number, subtype: number): Application {
  return { ssrc: data.getUint32(offset + 4), subtype, name: readText(data, offset + 8, 4) };
}

/** Text from the wire, bounded; whatever could steer a terminal or hide becomes a replacement character. */
function readText(data: DataView, start: number, length: number): string {
  const octets = new Uint8Array(data.buffer, data.byteOffset + start, Math.min(length, TEXT_MAX));
  return utf8.decode(octets).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
