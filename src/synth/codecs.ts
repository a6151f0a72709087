/** How a codec looks on the wire. Facts: RFC 3551 table 4, RFC 7587 (opus), RFC 4867 (AMR), RFC 3952 (iLBC). */
export interface Codec {
  name: string;
  payloadType: number;
  clockRate: number;
  /** After `rtpmap:` the encoding parameters, such as `/2` for opus. */
  rtpmapSuffix: string;
  fmtp: string | null;
  /** Length of the packet's media must be a whole multiple of it. */
  frameMs: number;
  /** Payload octets of a packet of `ptimeMs`. */
  octets(ptimeMs: number): number;
  /** Payload octets with a fixed meaning at the front: headers and mode bits. */
  header(ptimeMs: number): readonly number[];
}

function codec(
  name: string,
  payloadType: number,
  clockRate: number,
  frameMs: number,
  octets: (ptimeMs: number) => number,
  more: { suffix?: string; fmtp?: string; header?: (ptimeMs: number) => number[] } = {},
): Codec {
  const header = more.header ?? (() => []);
  return {
    name,
    payloadType,
    clockRate,
    frameMs,
    octets,
    header,
    rtpmapSuffix: more.suffix ?? '',
    fmtp: more.fmtp ?? null,
  };
}

/** TOC octet of one SILK wideband frame (RFC 6716 table 2: configurations 9..11 are 20, 40, 60 ms). */
function opusToc(ptimeMs: number): number[] {
  const config = { 20: 9, 40: 10, 60: 11 }[ptimeMs] ?? 9;
  return [config << 3];
}

/** Octet-aligned AMR header (RFC 4867 4.4): no mode request, then one TOC entry per frame of that type. */
function amrHeader(frameType: number): (ptimeMs: number) => number[] {
  return (ptimeMs) => {
    const entries = new Array<number>(ptimeMs / 20).fill(0x84 | (frameType << 3));
    entries[entries.length - 1]! &= 0x7f;
    return [0xf0, ...entries];
  };
}

const CODECS: readonly Codec[] = [
  codec('PCMU', 0, 8000, 1, (ms) => ms * 8),
  codec('GSM', 3, 8000, 20, (ms) => (ms / 20) * 33, { header: () => [0xd5] }),
  codec('G723', 4, 8000, 30, (ms) => (ms / 30) * 24, { header: () => [0x34], fmtp: 'annexa=no' }),
  codec('PCMA', 8, 8000, 1, (ms) => ms * 8),
  // 8000 although the audio is sampled at 16 kHz: the historic error of RFC 3551 4.5.2.
  codec('G722', 9, 8000, 1, (ms) => ms * 8),
  codec('G729', 18, 8000, 10, (ms) => ms),
  codec('AMR', 96, 8000, 20, (ms) => 1 + (ms / 20) * 32, {
    fmtp: 'octet-align=1; mode-set=7',
    header: amrHeader(7),
  }),
  codec('AMR-WB', 98, 16000, 20, (ms) => 1 + (ms / 20) * 33, {
    fmtp: 'octet-align=1; mode-set=2',
    header: amrHeader(2),
  }),
  // One small packet to a picture: what flows beside audio.
  codec('H264', 97, 90_000, 1, (ms) => ms * 25, { fmtp: 'packetization-mode=1' }),
  codec('EVS', 99, 16000, 20, (ms) => (ms / 20) * 33, { fmtp: 'br=13.2; bw=swb' }),
  codec('iLBC', 102, 8000, 20, (ms) => (ms / 20) * 38, { fmtp: 'mode=20' }),
  codec('G726-32', 103, 8000, 1, (ms) => ms * 4),
  codec('speex', 104, 8000, 20, (ms) => (ms / 20) * 38),
  codec('L16', 105, 16000, 1, (ms) => ms * 32),
  codec('opus', 111, 48000, 20, (ms) => ms * 3, {
    suffix: '/2',
    fmtp: 'minptime=10;useinbandfec=1',
    header: opusToc,
  }),
];

/** The codec of that encoding name, case ignored as SDP does; undefined when unknown. */
export function findCodec(name: string): Codec | undefined {
  return CODECS.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
}

/** Payload type and payload of the one packet that says "silence begins", or null when the codec has none. */
export function silenceDescriptor(codec: Codec): { payloadType: number; payload: Uint8Array } | null {
  const { name, payloadType } = codec;
  if (name === 'G729') return { payloadType, payload: Uint8Array.of(0x1a, 0x60) };
  if (name === 'AMR') return { payloadType, payload: Uint8Array.of(0xf0, 0x44, 1, 2, 3, 4, 0x50) };
  if (name === 'AMR-WB') return { payloadType, payload: Uint8Array.of(0xf0, 0x4c, 1, 2, 3, 4, 0x50) };
  // RFC 3389: one octet, the noise level in -dBov. Payload type 13 is for a clock of 8000 only.
  if (codec.clockRate === 8000) return { payloadType: 13, payload: Uint8Array.of(64) };
  return null;
}

/** All names, for error texts and help. */
export function codecNames(): string {
  return CODECS.map((entry) => entry.name).join(', ');
}
