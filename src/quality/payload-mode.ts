/**
 * Reads the mode of a codec from the first octets or the length of a payload: header fields and lengths, never speech.
 *
 * All readers share one space of small codes, so that a stream counts them in one array of `PAYLOAD_CODES`. They take
 * the length of the payload on the wire; of a packet captured in part, only the octets they look at must be there.
 * `PAYLOAD_UNKNOWN` answers everything that is truncated, reserved or does not fit its own length.
 */
export const PAYLOAD_UNKNOWN = 0;
/** Silence descriptor or discontinuous transmission. */
export const PAYLOAD_SILENCE = 1;
/** Nothing: no data, or speech lost on the way to the sender. */
export const PAYLOAD_NO_DATA = 2;
/** Speech in the first mode of the codec; the others follow. */
export const PAYLOAD_MODE = 3;
/** How many codes there are: the 32 configurations of Opus are the most modes. */
export const PAYLOAD_CODES = 35;

export const READER_NONE = 0;
export const READER_OPUS = 1;
export const READER_AMR = 2;
export const READER_AMR_OCTET_ALIGNED = 3;
export const READER_AMR_WB = 4;
export const READER_AMR_WB_OCTET_ALIGNED = 5;
export const READER_EVS = 6;
export const READER_EVS_HEADER_FULL = 7;
export const READER_G729 = 8;
export const READER_G723 = 9;
export const READER_ILBC = 10;
export const READER_GSM = 11;

/** Bits of a frame by AMR frame type: eight speech modes, four kinds of SID, three reserved, no data. */
const AMR_BITS = new Int16Array([95, 103, 118, 134, 148, 159, 204, 244, 39, 43, 38, 37, -1, -1, -1, 0]);
/** By AMR-WB frame type: nine speech modes, SID, four reserved, speech lost, no data. */
const AMR_WB_BITS = new Int16Array([132, 177, 253, 285, 317, 365, 397, 461, 477, 40, -1, -1, -1, -1, 0, 0]);
/** Octets of an EVS primary frame by rate index (TS 26.445 A.2.2): 5.9 (2.8) to 128, SID, reserved, lost, no data. */
const EVS_OCTETS = new Int16Array([7, 18, 20, 24, 33, 41, 61, 80, 120, 160, 240, 320, 6, -1, 0, 0]);
const EVS_RATES = 12;
const EVS_SID = 12;
/** Code of a compact EVS payload by its octets; AMR-WB IO frames carry three bits of mode request. */
const EVS_COMPACT = new Uint8Array(321);
for (let rate = 0; rate < EVS_RATES; rate++) EVS_COMPACT[EVS_OCTETS[rate]!] = PAYLOAD_MODE + rate;
for (let mode = 0; mode < 9; mode++) {
  EVS_COMPACT[(AMR_WB_BITS[mode]! + 3 + 7) >> 3] = PAYLOAD_MODE + EVS_RATES + mode;
}
EVS_COMPACT[EVS_OCTETS[EVS_SID]!] = PAYLOAD_SILENCE;
/** More frames than this in one packet are no speech packet. */
const FRAMES_MAX = 16;

/**
 * The reader for an encoding name and its format parameters; `READER_NONE` where the payload says nothing about the
 * mode, or where AMR is interleaved or carries checksums.
 */
export function payloadReader(name: string, fmtp: string | null): number {
  const parameters = (fmtp ?? '').toLowerCase().replace(/\s/g, '');
  switch (name.toUpperCase()) {
    case 'OPUS':
      return READER_OPUS;
    case 'AMR':
    case 'AMR-WB': {
      if (/(?:^|;)(?:interleaving=|crc=1)/.test(parameters)) return READER_NONE;
      const aligned = /(?:^|;)(?:octet-align|robust-sorting)=1/.test(parameters);
      if (name.length === 3) return aligned ? READER_AMR_OCTET_ALIGNED : READER_AMR;
      return aligned ? READER_AMR_WB_OCTET_ALIGNED : READER_AMR_WB;
    }
    case 'EVS':
      return /(?:^|;)hf-only=1/.test(parameters) ? READER_EVS_HEADER_FULL : READER_EVS;
    case 'G729':
    case 'G729A':
      return READER_G729;
    case 'G723':
      return READER_G723;
    case 'ILBC':
      return READER_ILBC;
    case 'GSM':
    case 'GSM-EFR':
      return READER_GSM;
    default:
      return READER_NONE;
  }
}

/**
 * The code of one payload.
 *
 * @param length octets of payload on the wire, without padding
 */
export function readPayloadMode(reader: number, view: DataView, offset: number, length: number): number {
  switch (reader) {
    case READER_OPUS:
      return readOpus(view, offset, length);
    case READER_AMR:
      return readAmr(view, offset, length, false, AMR_BITS, 8);
    case READER_AMR_OCTET_ALIGNED:
      return readAmr(view, offset, length, true, AMR_BITS, 8);
    case READER_AMR_WB:
      return readAmr(view, offset, length, false, AMR_WB_BITS, 9);
    case READER_AMR_WB_OCTET_ALIGNED:
      return readAmr(view, offset, length, true, AMR_WB_BITS, 9);
    case READER_EVS:
      return readEvs(view, offset, length, false);
    case READER_EVS_HEADER_FULL:
      return readEvs(view, offset, length, true);
    case READER_G729:
      return readG729(length);
    case READER_G723:
      return readG723(view, offset, length);
    case READER_ILBC:
      return readIlbc(length);
    case READER_GSM:
      return readGsm(view, offset, length);
    default:
      return PAYLOAD_UNKNOWN;
  }
}

function captured(view: DataView, offset: number, octets: number): boolean {
  return offset >= 0 && offset + octets <= view.byteLength;
}

/**
 * Opus (RFC 6716 3.1): `PAYLOAD_MODE` plus the configuration number 0..31 of the TOC octet, which is bandwidth, mode
 * and frame length in one; payloads of one or two octets are DTX.
 */
export function readOpus(view: DataView, offset: number, length: number): number {
  if (length < 1 || !captured(view, offset, 1)) return PAYLOAD_UNKNOWN;
  if (length <= 2) return PAYLOAD_SILENCE;
  return PAYLOAD_MODE + (view.getUint8(offset) >> 3);
}

/** Audio bandwidth of an Opus code, 0 NB, 1 MB, 2 WB, 3 SWB, 4 FB; -1 for codes without one. */
export function opusBandwidth(code: number): number {
  const config = code - PAYLOAD_MODE;
  if (config < 0 || config > 31) return -1;
  if (config < 12) return config >> 2;
  if (config < 16) return 3 + ((config - 12) >> 1);
  // CELT has no mediumband.
  const celt = (config - 16) >> 2;
  return celt === 0 ? 0 : celt + 1;
}

/** Coding of an Opus code: 0 SILK, 1 hybrid, 2 CELT; -1 for codes without one. */
export function opusCoding(code: number): number {
  const config = code - PAYLOAD_MODE;
  if (config < 0 || config > 31) return -1;
  return config < 12 ? 0 : config < 16 ? 1 : 2;
}

/** Frame length of an Opus code, ms; 0 for codes without one. A packet may hold several frames. */
export function opusFrameMs(code: number): number {
  const config = code - PAYLOAD_MODE;
  if (config < 0 || config > 31) return 0;
  if (config < 12) return (config & 3) === 3 ? 60 : 10 << (config & 3);
  if (config < 16) return 10 << (config & 1);
  return 2.5 * (1 << (config & 3));
}

/**
 * AMR and AMR-WB (RFC 4867 4.3, 4.4): `PAYLOAD_MODE` plus the frame type of the first speech frame in the table of
 * contents; SID or no data when there is none. The lengths of all frames must fill the payload exactly, which shows a
 * wrong idea of the packing.
 *
 * @param bits bits of a frame by frame type, negative for reserved types
 * @param firstSid the first frame type that is no speech
 */
function readAmr(
  view: DataView,
  offset: number,
  length: number,
  aligned: boolean,
  bits: Int16Array,
  firstSid: number,
): number {
  let code = PAYLOAD_NO_DATA;
  let frames = 0;
  let octets = 0;
  let sumBits = 0;
  let more = true;
  while (more) {
    if (frames === FRAMES_MAX) return PAYLOAD_UNKNOWN;
    // Behind the codec mode request of 4 bits (padded to 8 when octet-aligned), 6 (8) bits of table per frame.
    const at = aligned ? 8 + 8 * frames : 4 + 6 * frames;
    const from = at >> 3;
    const through = (at + 5) >> 3;
    if (through >= length || !captured(view, offset, through + 1)) return PAYLOAD_UNKNOWN;
    const pair = (view.getUint8(offset + from) << 8) | view.getUint8(offset + through);
    const entry = from === through ? (pair >> (2 - (at & 7))) & 63 : (pair >> (10 - (at & 7))) & 63;
    more = (entry & 32) !== 0;
    const frameType = (entry >> 1) & 15;
    const frameBits = bits[frameType]!;
    if (frameBits < 0) return PAYLOAD_UNKNOWN;
    frames++;
    sumBits += frameBits;
    octets += (frameBits + 7) >> 3;
    if (code >= PAYLOAD_MODE) continue;
    if (frameType < firstSid) code = PAYLOAD_MODE + frameType;
    else if (frameBits > 0) code = PAYLOAD_SILENCE;
  }
  const expected = aligned ? 1 + frames + octets : (4 + 6 * frames + sumBits + 7) >> 3;
  return expected === length ? code : PAYLOAD_UNKNOWN;
}

/** Kilobits per second of AMR and AMR-WB by frame type. */
export const AMR_KBPS: readonly number[] = [4.75, 5.15, 5.9, 6.7, 7.4, 7.95, 10.2, 12.2];
export const AMR_WB_KBPS: readonly number[] = [6.6, 8.85, 12.65, 14.25, 15.85, 18.25, 19.85, 23.05, 23.85];

/**
 * EVS (TS 26.445 A.2): `PAYLOAD_MODE` plus the index of the primary rate (5.9, 7.2, 8, 9.6, 13.2, 16.4, 24.4, 32, 48,
 * 64, 96, 128), or plus 12 and the AMR-WB IO mode. The compact format has no header and is known by its size; other
 * sizes have a table of contents. The audio bandwidth is not in the header.
 */
export function readEvs(view: DataView, offset: number, length: number, headerFullOnly: boolean): number {
  if (!headerFullOnly) {
    const compact = length >= 0 && length < EVS_COMPACT.length ? EVS_COMPACT[length]! : PAYLOAD_UNKNOWN;
    if (compact !== PAYLOAD_UNKNOWN) {
      if (length !== 7) return compact;
      // 56 bits: the first bit of a 2.8 kbit/s frame is 0; 1 begins an AMR-WB IO SID with its header (A.2.1.3).
      if (!captured(view, offset, 1)) return PAYLOAD_UNKNOWN;
      if (view.getUint8(offset) < 128) return compact;
    }
  }
  return readEvsHeaderFull(view, offset, length);
}

function readEvsHeaderFull(view: DataView, offset: number, length: number): number {
  if (length < 1 || !captured(view, offset, 1)) return PAYLOAD_UNKNOWN;
  // An octet with the top bit set is a mode request; the table of contents follows.
  let at = view.getUint8(offset) >> 7;
  let code = PAYLOAD_NO_DATA;
  let octets = at;
  for (let frames = 0; frames < FRAMES_MAX; frames++, at++) {
    if (at >= length || !captured(view, offset, at + 1)) return PAYLOAD_UNKNOWN;
    const entry = view.getUint8(offset + at);
    if (entry > 127) return PAYLOAD_UNKNOWN;
    const index = entry & 15;
    const wide = (entry & 32) !== 0;
    const bits = wide ? AMR_WB_BITS[index]! : 8 * EVS_OCTETS[index]!;
    if (bits < 0) return PAYLOAD_UNKNOWN;
    octets += 1 + ((bits + 7) >> 3);
    if (code < PAYLOAD_MODE && bits > 0) {
      if (index >= (wide ? 9 : EVS_SID)) code = PAYLOAD_SILENCE;
      else code = PAYLOAD_MODE + (wide ? EVS_RATES : 0) + index;
    }
    // Zero octets may follow, to keep clear of the sizes of the compact format.
    if ((entry & 64) === 0) return octets <= length ? code : PAYLOAD_UNKNOWN;
  }
  return PAYLOAD_UNKNOWN;
}

/** G.729 (RFC 3551 4.5.6): frames of 10 octets, 2 more are a silence descriptor. */
export function readG729(length: number): number {
  if (length === 2) return PAYLOAD_SILENCE;
  return length > 0 && (length % 10 === 0 || length % 10 === 2) ? PAYLOAD_MODE : PAYLOAD_UNKNOWN;
}

/**
 * G.723.1 (RFC 3551 4.5.3): the low two bits of each frame tell its kind. `PAYLOAD_MODE` for 6.3 kbit/s (24 octets),
 * one more for 5.3 (20), silence for a descriptor (4) alone.
 */
export function readG723(view: DataView, offset: number, length: number): number {
  let code = PAYLOAD_UNKNOWN;
  let at = 0;
  for (let frames = 0; at < length; frames++) {
    if (frames === FRAMES_MAX || !captured(view, offset, at + 1)) return PAYLOAD_UNKNOWN;
    const kind = view.getUint8(offset + at) & 3;
    if (kind === 3) return PAYLOAD_UNKNOWN;
    at += kind === 0 ? 24 : kind === 1 ? 20 : 4;
    if (code >= PAYLOAD_MODE) continue;
    code = kind === 2 ? PAYLOAD_SILENCE : PAYLOAD_MODE + kind;
  }
  return at === length ? code : PAYLOAD_UNKNOWN;
}

/** iLBC (RFC 3952): `PAYLOAD_MODE` for frames of 20 ms (38 octets), one more for 30 ms (50 octets). */
export function readIlbc(length: number): number {
  const twenty = length > 0 && length % 38 === 0;
  const thirty = length > 0 && length % 50 === 0;
  if (twenty === thirty) return PAYLOAD_UNKNOWN;
  return twenty ? PAYLOAD_MODE : PAYLOAD_MODE + 1;
}

/** GSM (RFC 3551 4.5.8, 4.5.9): `PAYLOAD_MODE` for full rate (33 octets from 0xD), one more for EFR (31 from 0xC). */
export function readGsm(view: DataView, offset: number, length: number): number {
  if (length < 31 || !captured(view, offset, 1)) return PAYLOAD_UNKNOWN;
  const nibble = view.getUint8(offset) >> 4;
  if (nibble === 0xd && length % 33 === 0) return PAYLOAD_MODE;
  if (nibble === 0xc && length % 31 === 0) return PAYLOAD_MODE + 1;
  return PAYLOAD_UNKNOWN;
}
