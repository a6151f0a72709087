/** Receiver reference time (RFC 3611 4.4): the middle 32 bits of the NTP time, as DLRR blocks echo it. */
export interface ReferenceTime {
  key: number;
}

/** One sub-block of a DLRR block (RFC 3611 4.5): the answer to a receiver reference time. */
export interface ReferenceEcho {
  /** The receiver that is answered. */
  ssrc: number;
  /** Its reference time, middle 32 bits; 0 when none was received. */
  lrr: number;
  /** Time since then, in 1/65536 s. */
  dlrr: number;
}

const ECHO_OCTETS = 12;

/** Reads a receiver reference time block: header, NTP seconds, NTP fraction. */
export function readReferenceTime(data: DataView, offset: number): ReferenceTime {
  return { key: ((data.getUint32(offset + 4) << 16) | (data.getUint32(offset + 8) >>> 16)) >>> 0 };
}

/** Reads the whole sub-blocks of a DLRR block. */
export function readReferenceEchoes(data: DataView, offset: number, end: number): ReferenceEcho[] {
  const echoes: ReferenceEcho[] = [];
  for (let at = offset + 4; at + ECHO_OCTETS <= end; at += ECHO_OCTETS) {
    echoes.push({
      ssrc: data.getUint32(at),
      lrr: data.getUint32(at + 4),
      dlrr: data.getUint32(at + 8),
    });
  }
  return echoes;
}
