/**
 * A look at a few octets of a payload: the codec's mode, and whether PCM is silent. Numbers only; nothing of the
 * payload is kept. A steady stream is looked at with every 64th packet, which has just been read anyway.
 */
import { CALLING_TONE, faxTone, NO_TONE } from './pure-tone.ts';

/** Reads the mode of a codec out of a payload; given by the composer, since codecs are not this folder's business. */
export interface ModeReader {
  /** The number of the reader for a codec; 0 when its payload says nothing. */
  readerFor(name: string, fmtp: string | null): number;
  /** The code of the mode, below `codes`. */
  read(reader: number, data: DataView, offset: number, length: number): number;
  readonly codes: number;
}

/** Payloads are looked at with the first packets of a stream and then with every 64th number. */
export const LOOK_MASK = 63;
/** So many packets at the start are all looked at: fewer than it takes a stream to become steady. */
export const FIRST_LOOKS = 16;

/** What was seen of one stream's payloads. */
export interface PayloadPeek {
  reader: number;
  /** Packets looked at, by mode code; null for codecs without modes. */
  codes: Uint32Array | null;
  /** Law of the PCM: 0 none, 1 mu, 2 A. */
  law: number;
  /** PCM packets looked at, and those of them that were silent. */
  pcmPackets: number;
  silentPackets: number;
  /** Longest time in which every packet looked at was silent, us, and when it began. */
  longestSilenceUs: number;
  longestSilenceAtUs: number;
  /** Payload octets and number of the packets looked at; least and greatest size, for the bit rate. */
  packets: number;
  octets: number;
  leastOctets: number;
  mostOctets: number;
  /** Of PCM: octets looked at by their upper half, even for noise and for what is encrypted; null for other codecs. */
  halves: readonly number[] | null;
  /** PCM packets that were a fax machine's tone: of the calling and of the called one; when the first came, us, or NaN. */
  callingTones: number;
  calledTones: number;
  toneAtUs: number;
}

const LAW_MU = 1;
const LAW_A = 2;
/** Octets looked at per packet. */
const SAMPLES = 16;
/** So many of them within the codes around zero make a packet silent (95 %). */
const SILENT_SAMPLES = 15;

// One stream's row: an odd number of cache lines, of which a packet of speech touches the first two.
const ROW_INTEGERS = 48;
const ROW_DOUBLES = ROW_INTEGERS / 2;
/** 1 while payloads of the stream are looked at. */
const LOOKING = 0;
const READER = 1;
const LAW = 2;
const PACKETS = 3;
const PCM_PACKETS = 4;
const SILENT_PACKETS = 5;
const LEAST_OCTETS = 6;
const MOST_OCTETS = 7;
const CALLING_TONES = 8;
const CALLED_TONES = 9;
const HALVES = 16;
// Doubles, by their index.
const OCTETS = 5;
const SILENT_SINCE_US = 6;
const LONGEST_SILENCE_US = 7;
const LONGEST_SILENCE_AT_US = 16;
const TONE_AT_US = 17;

/** What was seen of the payloads of all streams: a row each, because most looks find it in no cache. */
export class PayloadLooks {
  private readonly integers: Int32Array;
  private readonly doubles: Float64Array;
  /** Packets looked at by mode code, of streams whose codec has modes. */
  private readonly codes = new Map<number, Uint32Array>();

  /** @param capacity most streams at one time; memory is only touched as slots are used */
  constructor(capacity: number) {
    this.integers = new Int32Array(capacity * ROW_INTEGERS);
    this.doubles = new Float64Array(this.integers.buffer);
  }

  /** Forgets what was seen of a stream. Nothing of it is looked at until `start`. */
  clear(slot: number): void {
    this.integers.fill(0, slot * ROW_INTEGERS, (slot + 1) * ROW_INTEGERS);
    if (this.codes.size > 0) this.codes.delete(slot);
  }

  /** Begins looking at a stream of a codec anew; at nothing where the codec's payload says nothing. */
  start(slot: number, modes: ModeReader | null, name: string, fmtp: string | null): void {
    this.clear(slot);
    const upper = name.toUpperCase();
    const law = upper === 'PCMU' ? LAW_MU : upper === 'PCMA' ? LAW_A : 0;
    const reader = modes === null ? 0 : modes.readerFor(name, fmtp);
    if (law === 0 && reader === 0 && upper !== 'OPUS') return;
    const n = this.integers;
    const base = slot * ROW_INTEGERS;
    n[base + LOOKING] = 1;
    n[base + READER] = reader;
    n[base + LAW] = law;
    n[base + LEAST_OCTETS] = 0x7fffffff;
    const d = this.doubles;
    const doubleBase = slot * ROW_DOUBLES;
    d[doubleBase + SILENT_SINCE_US] = Number.NaN;
    d[doubleBase + LONGEST_SILENCE_AT_US] = Number.NaN;
    d[doubleBase + TONE_AT_US] = Number.NaN;
    if (reader !== 0 && modes !== null) this.codes.set(slot, new Uint32Array(modes.codes));
  }

  /** Looks at one packet of audio: `length` octets from `offset` on, of which `captured` are there. */
  look(
    slot: number,
    modes: ModeReader | null,
    data: DataView,
    offset: number,
    length: number,
    captured: number,
    timeUs: number,
  ): void {
    const n = this.integers;
    const base = slot * ROW_INTEGERS;
    if (n[base + LOOKING] === 0 || length === 0) return;
    n[base + PACKETS] = n[base + PACKETS]! + 1;
    const octets = slot * ROW_DOUBLES + OCTETS;
    this.doubles[octets] = this.doubles[octets]! + length;
    if (length < n[base + LEAST_OCTETS]!) n[base + LEAST_OCTETS] = length;
    if (length > n[base + MOST_OCTETS]!) n[base + MOST_OCTETS] = length;
    const reader = n[base + READER]!;
    if (reader !== 0 && modes !== null && captured === length) {
      const codes = this.codes.get(slot)!;
      const code = modes.read(reader, data, offset, length);
      codes[code] = codes[code]! + 1;
    }
    const law = n[base + LAW]!;
    if (law === 0 || captured < SAMPLES) return;
    const silent = isSilent(law, data, offset, captured);
    this.noteSilence(slot, silent, timeUs);
    if (silent) return;
    this.noteHalves(slot, data, offset, captured);
    const tone = faxTone(data, offset, captured, law === LAW_A);
    if (tone !== NO_TONE) this.noteTone(slot, tone, timeUs);
  }

  /** What was seen of one stream's payloads; null where they are not looked at. */
  seen(slot: number): PayloadPeek | null {
    const n = this.integers.subarray(slot * ROW_INTEGERS, (slot + 1) * ROW_INTEGERS);
    const d = this.doubles.subarray(slot * ROW_DOUBLES, (slot + 1) * ROW_DOUBLES);
    if (n[LOOKING] === 0) return null;
    return {
      reader: n[READER]!,
      codes: this.codes.get(slot) ?? null,
      law: n[LAW]!,
      pcmPackets: n[PCM_PACKETS]!,
      silentPackets: n[SILENT_PACKETS]!,
      longestSilenceUs: d[LONGEST_SILENCE_US]!,
      longestSilenceAtUs: d[LONGEST_SILENCE_AT_US]!,
      packets: n[PACKETS]!,
      octets: d[OCTETS]!,
      leastOctets: n[LEAST_OCTETS]!,
      mostOctets: n[MOST_OCTETS]!,
      halves: n[LAW] === 0 ? null : Array.from(n.subarray(HALVES, HALVES + 16)),
      callingTones: n[CALLING_TONES]!,
      calledTones: n[CALLED_TONES]!,
      toneAtUs: d[TONE_AT_US]!,
    };
  }

  private noteHalves(slot: number, data: DataView, offset: number, length: number): void {
    const n = this.integers;
    const halves = slot * ROW_INTEGERS + HALVES;
    for (let i = 0; i < SAMPLES; i++) {
      const at = halves + (data.getUint8(offset + ((i * length) >> 4)) >> 4);
      n[at] = n[at]! + 1;
    }
  }

  private noteTone(slot: number, tone: number, timeUs: number): void {
    const tones = slot * ROW_INTEGERS + (tone === CALLING_TONE ? CALLING_TONES : CALLED_TONES);
    this.integers[tones] = this.integers[tones]! + 1;
    const at = slot * ROW_DOUBLES + TONE_AT_US;
    if (Number.isNaN(this.doubles[at]!)) this.doubles[at] = timeUs;
  }

  private noteSilence(slot: number, silent: boolean, timeUs: number): void {
    const { integers: n, doubles: d } = this;
    const base = slot * ROW_INTEGERS;
    const doubleBase = slot * ROW_DOUBLES;
    n[base + PCM_PACKETS] = n[base + PCM_PACKETS]! + 1;
    if (!silent) {
      d[doubleBase + SILENT_SINCE_US] = Number.NaN;
      return;
    }
    n[base + SILENT_PACKETS] = n[base + SILENT_PACKETS]! + 1;
    if (Number.isNaN(d[doubleBase + SILENT_SINCE_US]!)) d[doubleBase + SILENT_SINCE_US] = timeUs;
    const sinceUs = d[doubleBase + SILENT_SINCE_US]!;
    if (timeUs - sinceUs <= d[doubleBase + LONGEST_SILENCE_US]!) return;
    d[doubleBase + LONGEST_SILENCE_US] = timeUs - sinceUs;
    d[doubleBase + LONGEST_SILENCE_AT_US] = sinceUs;
  }
}

/** Are nearly all of the octets, taken evenly over the packet, within one code of zero (standards 7.4)? */
function isSilent(law: number, data: DataView, offset: number, length: number): boolean {
  let quiet = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const octet = data.getUint8(offset + ((i * length) >> 4));
    // G.711: mu-law zero is 0xff or 0x7f, A-law zero 0xd5 or 0x55, one code beside it 0xfe, 0x7e, 0xd4, 0x54.
    const magnitude = octet & 0x7f;
    if (law === LAW_MU ? magnitude >= 0x7e : magnitude === 0x55 || magnitude === 0x54) quiet++;
  }
  return quiet >= SILENT_SAMPLES;
}
